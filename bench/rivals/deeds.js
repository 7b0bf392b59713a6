// @ts-check
/**
 * What the rivals' workers are asked to do: plain functions of one value. Node runs this file too,
 * so it is JavaScript, and imports Node's modules alone.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import process from "node:process";
import { leaveMark } from "./marks.js";

/** @type {unknown[]} */
const kept = [];

/**
 * @param {number} n
 * @returns {number}
 */
const fib = (n) => n <= 1 ? n : fib(n - 1) + fib(n - 2);

/** Empty jobs, and busy ones. */
const work = {
  fib,

  /** @param {unknown} value */
  echo: (value) => value,

  /** @param {number} ms */
  burn: (ms) => {
    const end = performance.now() + ms;
    while (performance.now() < end);
    return ms;
  },

  /** @param {number} ms */
  sleep: async (ms) => await new Promise((resolve) => setTimeout(resolve, ms, ms)),

  spin: () => {
    for (;;);
  },
};

/** Jobs that fail, each in its way. */
const faults = {
  recurse: () => {
    /** @type {(depth: number) => number} */
    const deeper = (depth) => deeper(depth + 1) + 1;
    return deeper(0);
  },

  allocate: () => {
    for (;;) kept.push(new Array(10_000).fill(kept.length));
  },

  exit: () => process.exit(7),

  throw_text: () => {
    throw "a text";
  },

  throw_rich: () => {
    const error = new RangeError("it is rich", { cause: new Error("the cause") });
    throw Object.assign(error, { code: "RICH", details: { limit: 3 } });
  },

  stray: () => {
    setTimeout(() => void Promise.reject(new Error("rejected later")), 10);
    return "replied";
  },

  closure: () => () => "code is no data",
};

/** Jobs that reach for what they were not given. */
const reaches = {
  /** @param {string} path */
  read: (path) => readFileSync(path, "utf8").length,

  /** @param {number} port */
  connect: async (port) =>
    await new Promise((resolve, reject) => {
      const socket = createConnection(port, "127.0.0.1", () => {
        socket.destroy();
        resolve("connected");
      });
      socket.on("error", reject);
    }),

  /** @param {string} name */
  variable: (name) => process.env[name],
};

/** Jobs whose runs can be counted. */
const marks = {
  /** @param {import("./rival.d.ts").Mark} mark */
  mark: (mark) => leaveMark(mark),

  /** @param {import("./rival.d.ts").Mark} mark */
  mark_and_allocate: (mark) => {
    leaveMark(mark);
    faults.allocate();
  },

  /** Tidies up when it is told to stop. No rival tells it, unless its worker says otherwise. */
  tidy: async () => await new Promise(() => {}),
};

/** Jobs that take and give data. */
const data = {
  /** @param {ArrayBuffer} buffer */
  bytes: (buffer) => buffer.byteLength,

  /** @param {number} number */
  double: (number) => number * 2,
};

/** Everything that a worker can be asked, by name. */
export const deeds = { ...work, ...faults, ...reaches, ...marks, ...data };
