import type { JobLogFields, Progress } from "../../job/mod.ts";
import type { ErrorRecord } from "./error_record.ts";

/** How many items of a run may be under way to their reader: then the job waits. */
export const ITEM_WINDOW = 16;

/** How many chunks a run asks for ahead of the one that it works on. */
export const CHUNK_WINDOW = 4;

/** How many calls of a run may be under way at once. */
export const MAX_CALLS = 16;

/** The levels of the log. */
export type TalkLevel = "debug" | "info" | "warn" | "error";

/** What the pool says to a run: `seq` is the run's number. */
export type ToRun =
  /** So many items were taken. */
  | { readonly type: "credit"; readonly seq: number; readonly items: number }
  /** The next chunk of its input. */
  | { readonly type: "chunk"; readonly seq: number; readonly chunk: unknown }
  /** There are no more, or the source has failed. */
  | { readonly type: "chunks-end"; readonly seq: number; readonly error?: ErrorRecord }
  /** What a call has brought. */
  | {
    readonly type: "answer";
    readonly seq: number;
    readonly call: number;
    readonly answer: CallAnswer;
  };

/** What a call has brought. */
export type CallAnswer = { readonly value: unknown } | { readonly error: ErrorRecord };

/** What a run says to the pool. */
export type FromRun =
  | { readonly type: "progress"; readonly seq: number; readonly progress: Progress }
  | {
    readonly type: "log";
    readonly seq: number;
    readonly level: TalkLevel;
    readonly message: string;
    readonly fields: JobLogFields;
  }
  | { readonly type: "item"; readonly seq: number; readonly item: unknown }
  /** It has room for so many chunks of its input. */
  | { readonly type: "want"; readonly seq: number; readonly chunks: number }
  | {
    readonly type: "call";
    readonly seq: number;
    readonly call: number;
    readonly name: string;
    readonly args: readonly unknown[];
  };

const FROM_RUN: ReadonlySet<string> = new Set<FromRun["type"]>([
  "progress",
  "log",
  "item",
  "want",
  "call",
]);

/** Whether a message of a lane comes from a run. */
export function isFromRun(message: { readonly type: string }): message is FromRun {
  return FROM_RUN.has(message.type);
}
