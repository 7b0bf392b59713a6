import { onDeno, type Program, ROOT, V8_FLAGS } from "../servers.ts";

/** How long a server took until a client had each of these, in milliseconds from its command. */
export interface Start {
  readonly connected: number;
  readonly ping: number;
  readonly job: number;
}

/** How often a port is tried that nobody listens on yet, in milliseconds. */
const RETRY_MS = 2;

/** A command that serves on a port. */
export type Serve = (port: number) => Program;

/** The commands that are compared. */
export const commands: Readonly<Record<string, Serve>> = {
  "`deno task serve`": (port) => ({
    command: Deno.execPath(),
    args: ["task", "--quiet", "serve", ...listen(port)],
  }),
  "`deno run … main.ts serve`": (port) => onDeno(V8_FLAGS, "main.ts", "serve", ...listen(port)),
  "the same, without Deno's code cache": (port) =>
    onDeno("--no-code-cache", V8_FLAGS, "main.ts", "serve", ...listen(port)),
  "a TCP server that sends back what comes": (port) =>
    onDeno("bench/peers/echo_server.ts", String(port)),
};

/** Runs a command, and asks as soon as it can be asked. */
export async function measureStart(serve: Serve): Promise<Start> {
  const port = freePort();
  const { command, args, cwd = ROOT } = serve(port);
  const beganMs = performance.now();
  const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;
  const process = new Deno.Command(command, { args: [...args], cwd, ...quiet }).spawn();
  try {
    using conn = await untilConnected(port);
    const connected = performance.now() - beganMs;
    await ask(conn, "PING");
    const ping = performance.now() - beganMs;
    await ask(conn, "30");
    return { connected, ping, job: performance.now() - beganMs };
  } finally {
    process.kill("SIGTERM");
    await process.status;
  }
}

function listen(port: number): string[] {
  return [`--listen=127.0.0.1:${port}`, "--config=none", "--log-level=error"];
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function untilConnected(port: number): Promise<Deno.TcpConn> {
  for (;;) {
    try {
      return await Deno.connect({ hostname: "127.0.0.1", port });
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

async function ask(conn: Deno.TcpConn, line: string): Promise<void> {
  await conn.write(new TextEncoder().encode(`${line}\n`));
  if (await conn.read(new Uint8Array(256)) === null) throw new Error("The server has hung up");
}
