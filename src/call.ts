import type { CallConfig } from "./call_flags.ts";
import { CallError, type Client, type ClientOptions, connect } from "./client/mod.ts";
import {
  type ByteSink,
  type ByteSource,
  type Clock,
  type Dir,
  type Net,
  NetError,
  type Signals,
} from "./env/mod.ts";
import { LineReader } from "./net/mod.ts";
import { formatJson } from "./protocol/mod.ts";
import { ProgressLine, type Terminal } from "./progress_line.ts";
import { StopOrders } from "./stop_orders.ts";
import { Switch } from "./switch/mod.ts";
import { Channel } from "./sync/mod.ts";

/** The parts of the machine that {@linkcode runCall} uses. */
export interface CallEnv {
  readonly net: Net;
  readonly clock: Clock;
  readonly signals: Signals;
  /** The working folder, for the files that flags name. */
  readonly cwd: Dir;
  readonly stdin: ByteSource;
  readonly stdout: ByteSink;
  readonly stderr: Terminal;
}

/** Exit codes that a script can use. */
const DONE = 0;
const FAILED = 1;
const REFUSED = 3;
const LOST = 4;
const STOPPED = 5;
const INTERRUPTED = 130;

/** The exit code for each word of the server; what the job threw, or refused, is `FAILED`. */
const EXIT_CODES: Readonly<Record<string, number>> = {
  BUSY: REFUSED,
  DRAINING: REFUSED,
  DENIED: REFUSED,
  CLOSED: LOST,
  LOST,
  DEADLINE: STOPPED,
  CANCELLED: STOPPED,
  KILLED: STOPPED,
  OUT_OF_MEMORY: STOPPED,
  CRASHED: STOPPED,
};

/** The longest line of standard input. */
const MAX_LINE_BYTES = 1 << 20;

/**
 * Calls a job, once or for each line of standard input, and prints the results in the order of the
 * inputs. Resolves to the exit code. The first Ctrl-C cancels what is under way and says how it
 * stopped, the second leaves at once. Rejects with a {@linkcode NetError} or a DirError where it
 * cannot begin.
 */
export async function runCall(env: CallEnv, config: CallConfig): Promise<number> {
  const orders = new StopOrders(env.clock);
  return await Switch.run(async (sw) => {
    obey(sw, env.signals, orders);
    const options = { ...await clientOptions(env.cwd, config), signal: orders.cut };
    await using client = await connect(env, config.server, options);
    const caller = new Caller(env, config, client, orders.stop);
    return config.text === undefined ? await caller.callLines(sw) : await caller.call(config.text);
  }, { name: "call" });
}

function obey(sw: Switch, signals: Signals, orders: StopOrders): void {
  const listener = signals.on(sw, ["SIGINT", "SIGTERM"]);
  sw.forkDaemon(async () => {
    for (;;) orders.receive((await listener.next()).name);
  });
}

async function clientOptions(cwd: Dir, config: CallConfig): Promise<ClientOptions> {
  const { maxInFlight } = config;
  const read = async (path: string | undefined) =>
    path === undefined ? undefined : (await cwd.readText(path)).trim();
  const token = await read(config.token);
  const [authorities, cert, key] = await Promise.all(
    [config.authorities, config.cert, config.key].map(read),
  );
  const tls = {
    ...(authorities === undefined ? {} : { authorities }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
  return { maxInFlight, ...(config.tls ? { tls } : {}), ...(token === undefined ? {} : { token }) };
}

/** How one call ended: what is printed, and the exit code. */
interface Ended {
  readonly code: number;
  readonly text: string;
}

class Caller {
  readonly #env: CallEnv;
  readonly #config: CallConfig;
  readonly #client: Client;
  readonly #cancel: AbortSignal;
  readonly #progress: ProgressLine;

  constructor(env: CallEnv, config: CallConfig, client: Client, cancel: AbortSignal) {
    this.#env = env;
    this.#config = config;
    this.#client = client;
    this.#cancel = cancel;
    this.#progress = new ProgressLine(env.stderr);
  }

  /** One call. */
  async call(text: string): Promise<number> {
    const ended = await this.#call(text, true);
    this.#progress.clear();
    await this.#print(ended);
    return ended.code;
  }

  /** A call for each line of standard input: many at a time, and the results in their order. */
  async callLines(sw: Switch): Promise<number> {
    const ends = new Channel<Promise<Ended>>(this.#config.maxInFlight);
    sw.fork(() => this.#callEach(ends));
    let worst = DONE;
    for await (const ended of ends) {
      const { code } = await this.#print(await ended);
      worst = Math.max(worst, code);
    }
    return worst;
  }

  async #callEach(ends: Channel<Promise<Ended>>): Promise<void> {
    const lines = new LineReader(this.#env.stdin, { maxLineBytes: MAX_LINE_BYTES });
    try {
      for (let line; (line = await lines.readLine({ signal: this.#cancel })) !== undefined;) {
        await ends.put(typeof line === "string" ? this.#call(line) : unreadable(line.bytes));
      }
    } catch (error) {
      if (!this.#cancel.aborted) throw error;
    }
    ends.close();
  }

  async #call(text: string, showsProgress = false): Promise<Ended> {
    const { job, json, deadlineMs, priority } = this.#config;
    try {
      const input: unknown = json ? JSON.parse(text) : text;
      const result = await this.#client.call(job, input, {
        signal: this.#cancel,
        text: !json,
        ...(deadlineMs === undefined ? {} : { deadlineMs }),
        ...(priority === undefined ? {} : { priority }),
        ...(showsProgress ? { onProgress: (progress) => this.#progress.show(progress) } : {}),
      });
      return { code: DONE, text: json ? formatJson(result, "number") : String(result) };
    } catch (error) {
      return this.#failure(error);
    }
  }

  #failure(error: unknown): Ended {
    if (error instanceof SyntaxError) {
      return { code: FAILED, text: `Cannot read the input as JSON: ${error.message}` };
    }
    if (error instanceof NetError) return { code: LOST, text: error.message };
    if (!(error instanceof CallError)) throw error;
    const { code, message } = error;
    const text = code === "FAILED" ? message : `${message} [${code}]`;
    if (this.#cancel.aborted) return { code: INTERRUPTED, text };
    return { code: EXIT_CODES[code] ?? FAILED, text };
  }

  async #print(ended: Ended): Promise<Ended> {
    const { code, text } = ended;
    if (code === DONE) await writeLine(this.#env.stdout, text);
    else await writeLine(this.#env.stderr, `switchyard: ${text}`);
    return ended;
  }
}

function unreadable(bytes: number): Promise<Ended> {
  const limit = `it must be UTF-8, of at most ${MAX_LINE_BYTES} bytes`;
  return Promise.resolve({ code: FAILED, text: `Cannot send a line of ${bytes} bytes: ${limit}` });
}

async function writeLine(sink: ByteSink, line: string): Promise<void> {
  let bytes = new TextEncoder().encode(`${line}\n`);
  while (bytes.length > 0) bytes = bytes.subarray(await sink.write(bytes));
}
