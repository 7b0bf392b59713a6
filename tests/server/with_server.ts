import { type Address, realEnv } from "../../src/env/mod.ts";
import { runServer, type ServerEnd, type ServerOptions } from "../../src/server.ts";
import { RawClient } from "./raw_client.ts";
import { untilNoLanes } from "./threads.ts";
import { WatchedLog } from "./watched_log.ts";

/** The path of the job files, from the root. */
export const JOBS = decodeURIComponent(new URL("../../workers", import.meta.url).pathname).slice(1);

/** Grants that give `sleep`, which obeys when it is asked to stop, time to do so on a slow machine. */
export const PATIENT_SLEEP = { sleep: { limits: { graceMs: 60_000 } } } as const;

/** A server that listens, for a test. */
export interface TestServer {
  readonly address: Address;
  readonly log: WatchedLog;
  /** Abort it to drain. */
  readonly stop: AbortController;
  /** Abort it to cut. */
  readonly cut: AbortController;
  /** Settles as `runServer` does. */
  readonly end: Promise<ServerEnd>;
  connect(): Promise<RawClient>;
}

/**
 * Runs `drive` with a real server on a free port, on two cores and without the self-test where not
 * told otherwise, and then drains it; resolves to how it ended, once its threads are gone.
 */
export async function withServer(
  options: Partial<ServerOptions>,
  drive: (server: TestServer) => Promise<void>,
): Promise<ServerEnd> {
  const env = realEnv();
  const log = new WatchedLog();
  const stop = new AbortController();
  const cut = new AbortController();
  const listening = Promise.withResolvers<Address>();
  const end = runServer({ ...env, log: log.log }, {
    listen: { transport: "tcp", hostname: "127.0.0.1", port: 0 },
    jobs: await env.fs.subtree(JOBS),
    cores: 2,
    selfTest: false,
    stop: stop.signal,
    cut: cut.signal,
    onListening: listening.resolve,
    ...options,
  });
  end.catch(listening.reject);
  const address = await listening.promise;
  try {
    await drive({ address, log, stop, cut, end, connect: () => RawClient.connect(address) });
    stop.abort();
  } catch (error) {
    cut.abort(); // else a job that a failed test left behind holds up its report
    await end;
    throw error;
  }
  const result = await end;
  await untilNoLanes();
  return result;
}
