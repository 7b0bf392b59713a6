/**
 * Puts one question to our own pool: see `rivals/probe_child.js`.
 *
 * @module
 */

import { answer } from "../rivals/probes.js";
import { open } from "./switchyard.ts";

const [isolation = "", name = ""] = Deno.args;
await answer(name, (shape) => open(isolation === "process" ? "process" : "worker", shape));
