/**
 * What a pool and a lane say to each other, and the memory that they share. The lanes import this
 * folder too, so it imports no more than types.
 *
 * @module
 */

export { recordError } from "./error_record.ts";
export type { ErrorRecord, PlainData } from "./error_record.ts";
export type {
  FromLane,
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
