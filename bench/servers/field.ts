import { nodeFolder } from "../rivals/node_folder.ts";
import { onDeno, Server } from "../servers.ts";
import { startEio, startGo } from "./compiled.ts";
import { MissingError, outputOf, type Peer } from "./peer.ts";

/** The name of ours, and of what it is first of all compared with. */
export const OURS = "switchyard";
export const NAIVE = "naive";

/** Enough for all that connect to it here: it is a limit, and costs nothing. */
const MAX_CONNECTIONS = 4096;

/** What a machine with Deno and Node can run. */
export const FIELD: readonly Peer[] = [
  {
    name: OURS,
    about: "this server as it is deployed: permissions, limits, deadlines, kills and metrics on",
    start: () => Server.ours(`--max-connections=${MAX_CONNECTIONS}`),
  },
  {
    name: NAIVE,
    about: "Deno, one `postMessage` for each job, as many workers as cores, no protection",
    start: () => Server.naive(),
  },
  {
    name: "naive wasm",
    about: "the same, with the job in WebAssembly, as ours has it",
    start: () => Server.start("naive wasm", onDeno("bench/peers/naive_server.ts", "wasm")),
  },
  {
    name: "inline",
    about: "Deno, the job on the event loop: the least that a server can be",
    start: () => Server.start("inline", onDeno("bench/peers/inline_server.ts")),
  },
  {
    name: "piscina",
    about: "Node, a job of piscina for each line, as many workers as cores",
    start: () => startOnNode("piscina"),
  },
  {
    name: "poolifier",
    about: "Node, a job of poolifier for each line, as many workers as cores",
    start: () => startOnNode("poolifier"),
  },
];

/** What needs a compiler as well. */
export const COMPILED_FIELD: readonly Peer[] = [
  {
    name: "Go",
    about: "a goroutine for each connection, which runs the job itself; a write for each reply",
    start: () => startGo("Go"),
  },
  {
    name: "Go buffered",
    about: "the same, but replies wait in a buffer until there is nothing left to read",
    start: () => startGo("Go buffered", "-buffered"),
  },
  {
    name: "Eio",
    about: "OCaml 5, a fiber for each connection, jobs on Eio's `Executor_pool`",
    start: () => startEio("Eio"),
  },
];

async function startOnNode(library: string): Promise<Server> {
  if (await outputOf("node", ["--version"]) === undefined) {
    throw new MissingError("there is no Node");
  }
  const args = ["line_server.js", library, `${navigator.hardwareConcurrency}`];
  return await Server.start(library, { command: "node", args, cwd: await nodeFolder() });
}
