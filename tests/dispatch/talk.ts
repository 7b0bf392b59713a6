import { Failures, Principals, type PrincipalSpec } from "../../src/access/mod.ts";
import { type Arrival, Dispatcher, type DispatcherOptions } from "../../src/dispatch/mod.ts";
import { type FakeConn, type FakeEnv, fakeEnv, type FakeNetOptions } from "../../src/env/mod.ts";
import { Connection, type ConnectionOptions } from "../../src/net/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { TextClient } from "../net/text_client.ts";
import { StandInPool } from "./stand_in_pool.ts";

/** What a test may change. */
export interface Setting {
  readonly net?: FakeNetOptions;
  readonly dispatcher?: Partial<DispatcherOptions>;
  readonly connection?: Partial<ConnectionOptions>;
  /** Who may ask. */
  readonly principals?: readonly PrincipalSpec[];
  /** What is known of the client before it says anything. */
  readonly arrival?: Arrival;
}

/** What a test has in its hands. */
export interface Talk extends FakeEnv {
  readonly client: TextClient & { readonly conn: FakeConn };
  readonly pool: StandInPool;
  /** Who may ask, as a reload can change it. */
  readonly principals: Principals;
  /** The server's end of the connection. */
  readonly accepted: FakeConn;
  /** Aborting it drains. */
  readonly draining: AbortController;
  /** The switch of the connection. */
  readonly sw: Switch;
  /** Whether the conversation has ended. */
  readonly hasEnded: () => boolean;
}

/**
 * Runs `drive` with a client of a dispatcher on a fake network; resolves to what the connection's
 * switch threw, once the conversation has ended too.
 */
export async function talk(
  setting: Setting,
  drive: (talk: Talk) => Promise<void>,
): Promise<unknown> {
  const { dispatcher: changes = {}, connection: connectionOptions = {}, arrival } = setting;
  const env = fakeEnv({ net: setting.net ?? {} });
  const { clock } = env;
  const pool = new StandInPool("fib", "echo");
  const draining = new AbortController();
  const principals = new Principals(setting.principals ?? [], clock);
  const dispatcher = new Dispatcher({
    pool,
    log: env.log,
    clock,
    principals,
    failures: new Failures({ clock }),
    lineMs: 30_000,
    dialects: "all",
    defaultJob: "fib",
    maxLineBytes: connectionOptions.maxLineBytes ?? 65_536,
    maxInFlight: 64,
    maxReplyBytes: 65_536,
    maxProtocolErrors: 20,
    draining: draining.signal,
    stats: () => ({ connections: 1 }),
    ...changes,
  });
  return await Switch.run(async (outer) => {
    const listener = await env.net.listen(outer, { transport: "tcp", hostname: "::1", port: 7 });
    const conn = await env.net.connect(outer, listener.address);
    const accepted = await listener.accept() as FakeConn;
    const ready = Promise.withResolvers<Switch>();
    let hasEnded = false;
    const served = outer.run(async (sw) => {
      sw.use(accepted);
      ready.resolve(sw);
      const connection = new Connection(sw, accepted, { clock: env.clock, ...connectionOptions });
      await dispatcher.serve(sw, connection, arrival);
    }).then(() => undefined, (error) => error).finally(() => hasEnded = true);
    const client = new TextClient(conn) as Talk["client"];
    const sw = await ready.promise;
    try {
      const inHand = { client, pool, principals, accepted, draining, sw };
      await drive({ ...env, ...inHand, hasEnded: () => hasEnded });
    } finally {
      conn.close();
      pool.close();
    }
    return await served;
  });
}
