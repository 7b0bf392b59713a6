import { realEnv } from "../../src/env/mod.ts";
import type { ServerEnd, ServerOptions } from "../../src/server.ts";
import type { RawClient } from "./raw_client.ts";
import { type TestServer, withServer } from "./with_server.ts";

const JOBS = decodeURIComponent(new URL("../fixtures/jobs/rpc", import.meta.url).pathname).slice(1);

/** As {@linkcode withServer}, with jobs that speak of what JSON-RPC brought them. */
export async function withRpcServer(
  options: Partial<ServerOptions>,
  drive: (server: TestServer) => Promise<void>,
): Promise<ServerEnd> {
  return await withServer({ jobs: await realEnv().fs.subtree(JOBS), ...options }, drive);
}

/** Says one line, which may not end in the middle of a value, and hears one. */
export async function call(client: RawClient, line: string): Promise<unknown> {
  const [response = "null"] = await client.ask(line);
  return JSON.parse(response);
}
