/**
 * What a pool and a lane say to each other, and the memory that they share. The lanes import this
 * folder too, so it imports no more than types.
 *
 * @module
 */

export { Bell } from "./bell.ts";
export { reviveError } from "./revive_error.ts";
export { recordError } from "./error_record.ts";
export type { ErrorRecord, PlainData } from "./error_record.ts";
export type {
  BoxedInput,
  FromLane,
  JobCode,
  JobFile,
  JobInput,
  JsonInput,
  MemoryKind,
  RunEnd,
  RunFigures,
  TestLoop,
  ToLane,
} from "./messages.ts";
export { packValue, unpackValue } from "./small_value.ts";
export { Form, SLOT_COUNT, SLOT_TEXT, Slots, SLOTS_BYTES, State } from "./slots.ts";
export { graphOf, NO_CODE, snapshotOf, sourceKey } from "./snapshot.ts";
export type { Snapshot } from "./snapshot.ts";
export { CHUNK_WINDOW, isFromRun, ITEM_WINDOW, MAX_CALLS } from "./talk.ts";
export type { CallAnswer, FromRun, TalkLevel, ToRun } from "./talk.ts";
