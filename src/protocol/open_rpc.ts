import type { JobInfo } from "./help.ts";
import { RPC_ERROR_NUMBERS } from "./json_rpc_error.ts";

/** The version of what is spoken, not of the program. */
const PROTOCOL_VERSION = "1.0.0";

/**
 * What `rpc.discover` answers: an OpenRPC document of the jobs, as JSON. Of a job's input it says no
 * more than that there is one: the schema is code, which only the job's own lanes run.
 *
 * @example
 * ```ts
 * import { openRpc } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const { methods } = JSON.parse(openRpc([{ name: "fib", summary: "The n-th Fibonacci number" }]));
 * assertEquals(methods[0].name, "fib");
 * ```
 */
export function openRpc(jobs: readonly JobInfo[]): string {
  return JSON.stringify({
    openrpc: "1.3.2",
    info: { title: "Switchyard", version: PROTOCOL_VERSION },
    methods: jobs.map(methodOf),
    components: { errors },
  });
}

function methodOf({ name, summary, takes, denial }: JobInfo) {
  return {
    name,
    summary,
    ...(denial === undefined ? {} : { description: denial }),
    paramStructure: "either",
    params: [{ name: "input", ...(takes ? { description: takes } : {}), schema: {} }],
    result: { name: "result", schema: {} },
    errors: Object.keys(errors).map((code) => ({ $ref: `#/components/errors/${code}` })),
  };
}

/** What a call of any job may end in, but for what is wrong with the line itself. */
const errors = Object.fromEntries(
  Object.entries(RPC_ERROR_NUMBERS)
    .filter(([code]) => !["PARSE_ERROR", "INVALID_REQUEST", "LINE_TOO_LONG"].includes(code))
    .map(([message, code]) => [message, { code, message }]),
);
