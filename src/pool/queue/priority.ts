import { JOB_PRIORITIES, type JobPriority } from "../../job/mod.ts";

/**
 * The share of time that each priority has while requests of all of them wait, so that none starves:
 * "high", "normal", "low".
 */
export const WEIGHTS = [8, 4, 1] as const;

/** The place of a priority in {@linkcode WEIGHTS}. */
export function rankOf(priority: JobPriority): number {
  return JOB_PRIORITIES.indexOf(priority);
}
