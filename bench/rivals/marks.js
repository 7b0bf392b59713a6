// @ts-check
import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Where the jobs of this process are told to leave their marks. */
const path = join(tmpdir(), `switchyard-bench-marks-${process.pid}`);

/**
 * What a job is told to leave: a line for its run.
 *
 * @param {string | number} text
 * @returns {import("./rival.d.ts").Mark}
 */
export function markOf(text) {
  return { path, text: String(text) };
}

/** @param {import("./rival.d.ts").Mark} mark */
export function leaveMark({ path, text }) {
  appendFileSync(path, `${text}\n`);
}

/** The marks that were left, in order. They are gone then. */
export function takeMarks() {
  if (!existsSync(path)) return [];
  const marks = readFileSync(path, "utf8").trim().split("\n");
  rmSync(path);
  return marks;
}
