import type { Defer } from "../switch/mod.ts";
import type { Env } from "./env.ts";
import { FakeClock } from "./fake_clock.ts";
import { fakeDir } from "./fake_dir.ts";
import { FakeLog } from "./fake_log.ts";
import { FakeNet, type FakeNetOptions } from "./fake_net.ts";
import { FakeProcesses, type FakeProgram } from "./fake_process.ts";
import { fakeSecureRandom } from "./fake_secure_random.ts";
import { FakeSignals } from "./fake_signals.ts";
import { fakeVars } from "./fake_vars.ts";
import { seededRandom } from "./random.ts";
import type { Threads } from "./threads.ts";

/** Options for {@linkcode fakeEnv}. */
export interface FakeEnvOptions {
  /** The threads; without them, opening a scope rejects. */
  readonly threads?: Threads;

  /** The files below the current directory: paths and texts. */
  readonly files?: Readonly<Record<string, string>>;

  /** The files of the machine: paths relative to its root, and texts. */
  readonly fs?: Readonly<Record<string, string>>;

  /** The environment variables. */
  readonly vars?: Readonly<Record<string, string>>;

  /** How the network behaves. */
  readonly net?: FakeNetOptions;

  /** The programs that can be run, by name. */
  readonly programs?: Readonly<Record<string, FakeProgram>>;

  /**
   * Where the random numbers start.
   *
   * @default {1}
   */
  readonly seed?: number;

  /**
   * Is given each wake-up that the clock or the network causes, and decides when it happens, so
   * that a test can try other orders. Without it they happen at once.
   */
  readonly defer?: Defer | undefined;
}

/** An {@linkcode Env} whose parts a test can drive and look into. */
export interface FakeEnv extends Env {
  /** Stands still until it is moved. */
  readonly clock: FakeClock;

  /** Connects those who are in the same program. */
  readonly net: FakeNet;

  /** Runs scripts in the place of programs. */
  readonly processes: FakeProcesses;

  /** Sends what the test raises. */
  readonly signals: FakeSignals;

  /** Keeps what is written to it. */
  readonly log: FakeLog;
}

/**
 * An environment for tests that touches nothing of the machine: a clock that is moved by hand, a
 * network and files in memory, the same random numbers every time, a log that can be read.
 *
 * ```ts
 * import { fakeEnv } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const { clock, vars, log } = fakeEnv({ vars: { SWITCHYARD_CORES: "2" } });
 * clock.setTimer(1000, () => log.info("rang", { cores: vars.get("SWITCHYARD_CORES") }));
 * clock.tick(1000);
 * assertEquals(log.lines, ["1970-01-01T00:00:01.000Z INFO  rang cores=2"]);
 * ```
 */
export function fakeEnv(options: FakeEnvOptions = {}): FakeEnv {
  const { defer, seed = 1 } = options;
  const clock = new FakeClock(0, { defer });
  return {
    clock,
    net: new FakeNet({ defer, ...options.net }),
    log: new FakeLog(() => clock.now()),
    random: seededRandom(seed),
    secureRandom: fakeSecureRandom(seed),
    cwd: fakeDir(options.files),
    fs: fakeDir(options.fs),
    vars: fakeVars(options.vars),
    processes: new FakeProcesses(clock, options.programs, { defer }),
    signals: new FakeSignals({ defer }),
    threads: options.threads ?? noThreads(),
  };
}

function noThreads(): Threads {
  const why = "this fake environment was made without threads";
  return {
    cores: 1,
    residentMb: () => 0,
    open: (_sw, { name }) => Promise.reject(new TypeError(`Cannot open scope "${name}": ${why}`)),
  };
}
