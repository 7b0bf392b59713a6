import { assert, assertEquals, AssertionError } from "@std/assert";
import { MultipleErrors } from "../../src/switch/mod.ts";

/** One turn of the event loop: whatever could go on has gone on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/**
 * What `promise` rejects with. Throws if it does not; and what it rejects with, if that is a failed
 * assertion: one inside a switch that is made to fail must not pass for the failure.
 */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(() => undefined, (error) => ({ error }));
  assert(outcome !== undefined, "the promise was to be rejected, and is resolved");
  const { error } = outcome;
  const members = error instanceof MultipleErrors ? error.errors : [error];
  if (members.some((each) => each instanceof AssertionError)) throw error;
  return error;
}

/** Whether `promise` rejects with an error of just this message. */
export async function assertFails(promise: Promise<unknown>, message: string): Promise<void> {
  const error = await rejectionOf(promise);
  assert(error instanceof Error);
  assertEquals(error.message, message);
}

/** How `promise` stands after a turn of the event loop. */
export async function stateOf(
  promise: Promise<unknown>,
): Promise<"open" | "resolved" | "rejected"> {
  let state: "open" | "resolved" | "rejected" = "open";
  promise.then(() => state = "resolved", () => state = "rejected");
  await turn();
  return state;
}

/** A signal that counts its listeners. */
export function countedSignal(): CountedSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
    listeners.add(listener);
    add(type, listener);
  };
  signal.removeEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
    listeners.delete(listener);
    remove(type, listener);
  };
  return { controller, signal, listeners };
}

/** What {@linkcode countedSignal} makes. */
export interface CountedSignal {
  readonly controller: AbortController;
  readonly signal: AbortSignal;
  readonly listeners: ReadonlySet<unknown>;
}
