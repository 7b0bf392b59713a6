// @ts-check
import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import process from "node:process";

/** Where the jobs of this process leave their marks: a line for each run. */
const path = `/tmp/switchyard-bench-marks-${process.pid}`;

/** @param {string} text */
export function leaveMark(text) {
  appendFileSync(path, `${text}\n`);
}

/** The marks that were left, in order. They are gone then. */
export function takeMarks() {
  if (!existsSync(path)) return [];
  const marks = readFileSync(path, "utf8").trim().split("\n");
  rmSync(path);
  return marks;
}
