/**
 * Meeting: the things that fibers wait on for each other. This room knows of lifetimes, and takes
 * no authority.
 *
 * Those who wait are served in the order in which they came. Law 6 holds for each: what has been
 * handed over belongs to who waited for it, and a later cancellation does not take it back; one
 * that is cancelled before leaves no trace, and nothing is lost or handed over twice. An operation
 * that does not have to wait does not look at its signal.
 *
 * @module
 */

export { type Permit, Semaphore, type SemaphoreOptions } from "./semaphore.ts";
export type { WaitOptions } from "./waiter.ts";
