import { placeOf, resolvePlace, roomOf } from "./place.ts";

/** What each room of `src/` may import, besides itself. */
const ROOMS_BELOW: Readonly<Record<string, readonly string[]>> = {
  switch: [],
  protocol: [],
  sync: ["switch"],
  env: ["switch", "sync"],
  testing: ["switch", "sync", "env", "job"],
  job: ["switch", "protocol", "env"],
  net: ["switch", "sync", "env", "protocol"],
  pool: ["switch", "sync", "env", "job"],
  client: ["switch", "sync", "env", "protocol", "job", "net"],
  access: ["switch", "sync", "env", "job", "pool"],
  dispatch: ["switch", "sync", "env", "protocol", "job", "net", "pool", "access"],
  ops: ["switch", "sync", "env", "protocol", "job", "net", "pool"],
};

/** The files above the rooms, lowest first. One may import those before it. */
const TOP_FILES = ["src/config.ts", "src/call.ts", "src/server.ts", "src/mod.ts"];

/** What the other threads may load of `src/`: little, because each lane loads all of it. */
const OPEN_TO_WORKERS = [
  "src/env/deno_job_machine.ts",
  "src/env/deno_lane_machine.ts",
  "src/env/frames.ts",
  "src/job/mod.ts",
  "src/pool/link/mod.ts",
  "src/protocol/exact_json.ts",
  "src/protocol/integer.ts",
];

/** Doors beside a room's `mod.ts`, for those who need one file without the rest of its room. */
const SIDE_DOORS = [
  "src/env/frames.ts",
  "src/protocol/exact_json.ts",
  "src/protocol/integer.ts",
];

const SELF = "@switchyard/switchyard";

/** Reports imports that run uphill, or that enter a room by another file than its `mod.ts`. */
export const importsDownhill: Deno.lint.Rule = {
  create(context) {
    const from = placeOf(context.filename);
    const check = (source: Deno.lint.Node | null | undefined, isType = false) => {
      if (source?.type !== "Literal" || typeof source.value !== "string") return;
      const to = resolvePlace(from, source.value);
      if (isType && to !== undefined && isThreadContract(from, to)) return;
      const message = to === undefined ? namedWrongly(from, source.value) : placedWrongly(from, to);
      if (message !== undefined) context.report({ node: source, message });
    };
    return {
      ImportDeclaration: (node) => check(node.source, node.importKind === "type"),
      ImportExpression: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      TSImportType: (node) => check(literalOf(node.argument)),
    };
  },
};

function literalOf(argument: Deno.lint.Node): Deno.lint.Node {
  return argument.type === "TSLiteralType" ? argument.literal : argument;
}

/** Whether `to` is a thread's program and `from` the platform's side of it: they share types. */
function isThreadContract(from: string, to: string): boolean {
  return /^src\/env\/deno[^/]*\.ts$/.test(from) && to.startsWith("workers/runtime/");
}

/** What is wrong with `from` importing the file `to`; nothing where it may. */
function placedWrongly(from: string, to: string): string | undefined {
  if (from.startsWith("src/")) return fromSource(from, to);
  if (from.startsWith("workers/")) return fromWorkers(to);
  return /^main(_\w+)?\.ts$/.test(from) ? wrongDoor(to) : undefined;
}

/** What is wrong with `from` importing a package by its name; nothing where it may. */
function namedWrongly(from: string, name: string): string | undefined {
  if (name !== SELF && !name.startsWith(`${SELF}/`)) return undefined;
  if (from.startsWith("src/")) {
    return `Import the room's mod.ts instead of "${name}": the package's name is for those outside`;
  }
  if (!from.startsWith("workers/") || name === `${SELF}/job`) return undefined;
  return `Import "${SELF}/job" instead of "${name}": a lane loads the job kit alone`;
}

function fromSource(from: string, to: string): string | undefined {
  if (!to.startsWith("src/")) {
    return `Do not import "${to}" from src/: a thread's file is started by its URL, a tool by its bare name, and tests and main.ts are above`;
  }
  const fromRoom = roomOf(from);
  const toRoom = roomOf(to);
  if (fromRoom !== undefined && fromRoom === toRoom) return undefined;
  return uphill(from, to) ?? wrongDoor(to);
}

function uphill(from: string, to: string): string | undefined {
  const room = roomOf(from);
  return room === undefined ? uphillFromTop(from, to) : uphillFromRoom(room, to);
}

function uphillFromRoom(room: string, to: string): string | undefined {
  const below = ROOMS_BELOW[room];
  if (below === undefined) {
    return `Give the room "${room}" its place in lint/imports_downhill.ts before it imports "${to}"`;
  }
  const toRoom = roomOf(to);
  if (toRoom !== undefined && below.includes(toRoom)) return undefined;
  const allowed = below.length === 0 ? "nothing of ours" : `only ${below.join(", ")}`;
  return `Pass it in as an argument instead of importing "${to}": the room "${room}" imports ${allowed}`;
}

function uphillFromTop(from: string, to: string): string | undefined {
  if (roomOf(to) === "ops" && from !== "src/server.ts") {
    return `Leave "${to}" to src/server.ts: nothing else imports the room "ops"`;
  }
  const ownRank = TOP_FILES.indexOf(from);
  const rank = TOP_FILES.indexOf(to);
  const isBelow = rank < ownRank || (ownRank < 0 && to !== "src/mod.ts");
  return rank < 0 || isBelow
    ? undefined
    : `Move what "${from}" needs of "${to}" below both: imports run downhill`;
}

function wrongDoor(to: string): string | undefined {
  const room = roomOf(to);
  if (room === undefined || to === `src/${room}/mod.ts` || SIDE_DOORS.includes(to)) {
    return undefined;
  }
  return `Enter the room "${room}" by src/${room}/mod.ts instead of "${to}"`;
}

function fromWorkers(to: string): string | undefined {
  if (to.startsWith("workers/") || OPEN_TO_WORKERS.includes(to)) return undefined;
  return `Send it in a message instead of importing "${to}": workers/ may load only ${
    OPEN_TO_WORKERS.join(", ")
  }`;
}
