import type { FiberKind } from "./switch_info.ts";

/** What every {@linkcode SwitchEvent} tells. */
export interface SwitchEventBase {
  /** When it happened, in milliseconds of the observer's clock. */
  readonly at: number;
  /** The number of the switch or the fiber that it happened to; they count in one row. */
  readonly id: number;
  /** The name of that switch or fiber; may be empty. */
  readonly name: string;
}

/** A switch begins. */
export interface OpenEvent extends SwitchEventBase {
  /** Which event this is. */
  readonly kind: "open";
  /** The switch above, or the fiber of it that opened this one, if that is known. */
  readonly parent: number | undefined;
}

/** A fiber starts. */
export interface ForkEvent extends SwitchEventBase {
  /** Which event this is. */
  readonly kind: "fork";
  /** The switch that it runs in. */
  readonly parent: number;
  /** How it was started. */
  readonly fiber: FiberKind;
}

/** A fiber, or somebody in a switch who cannot be told from others there, begins to wait. */
export interface WaitEvent extends SwitchEventBase {
  /** Which event this is. */
  readonly kind: "wait";
  /** The number of the wait. */
  readonly wait: number;
  /** What is waited for. */
  readonly what: string;
}

/** A wait ends. */
export interface ResumeEvent extends SwitchEventBase {
  /** Which event this is. */
  readonly kind: "resume";
  /** The number of the wait. */
  readonly wait: number;
  /** What was waited for. */
  readonly what: string;
  /** When the wait began. */
  readonly since: number;
  /** Whether a cancellation ended it. */
  readonly cancelled: boolean;
}

/** A switch is cancelled. */
export interface CancelEvent extends SwitchEventBase {
  /** Which event this is. */
  readonly kind: "cancel";
  /** The fiber or the switch that the cancellation began with. */
  readonly by: number;
  /** Why, in words. */
  readonly cause: string;
}

/** A release begins. */
export interface ReleaseEvent extends SwitchEventBase {
  /** Which event this is. */
  readonly kind: "release";
  /** Which one in the order of running, from 1. */
  readonly nth: number;
}

/** A release has ended. */
export interface ReleasedEvent extends SwitchEventBase {
  /** Which event this is. */
  readonly kind: "released";
  /** Which one in the order of running, from 1. */
  readonly nth: number;
  /** When it began. */
  readonly since: number;
}

/** A fiber has settled, or a switch has finished. */
export interface EndEvent extends SwitchEventBase {
  /** Which event this is. */
  readonly kind: "end";
  /** What it was that ended. */
  readonly of: "switch" | FiberKind;
  /** When it began. */
  readonly since: number;
  /** What it threw, in words; `undefined` where it did not. */
  readonly error: string | undefined;
}

/** What an {@linkcode Observer} is told of. */
export type SwitchEvent =
  | OpenEvent
  | ForkEvent
  | WaitEvent
  | ResumeEvent
  | CancelEvent
  | ReleaseEvent
  | ReleasedEvent
  | EndEvent;
