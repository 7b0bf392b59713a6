// @ts-check
/**
 * Puts one question to a rival: `node probe_child.js piscina cancel-loop`. The verdict is the last
 * line of its output.
 *
 * @module
 */

import process from "node:process";
import { answer } from "./probes.js";

const [library = "", name = ""] = process.argv.slice(2);
const { open } = await import(`./${library}.js`);
await answer(name, open);
