import type { Defer, Switch } from "../switch/mod.ts";
import type { ByteSource } from "./bytes.ts";
import type { Child, ChildSpec } from "./child.ts";
import type { Clock } from "./clock.ts";
import { FakeChild } from "./fake_child.ts";
import {
  type ParseOutOptions,
  type Process,
  ProcessError,
  type Processes,
  type ProcessInput,
  type ProcessOutput,
  type RunOptions,
  type SpawnOptions,
} from "./process.ts";
import { ProcessRunner } from "./process_runner.ts";
import type { CatchableSignal } from "./signals.ts";

/** What a scripted program can see and do. */
export interface FakeProgramContext {
  /** What it was called with. */
  readonly args: readonly string[];

  /** The directory that it was started in, if one was named. */
  readonly cwd: string | undefined;

  /** The variables that it was given. */
  readonly env: Readonly<Record<string, string>>;

  /** Its standard input; at its end where that is not piped. */
  readonly stdin: ByteSource;

  /** Its standard output; what is written is dropped where that is not piped. */
  readonly stdout: ProcessInput;

  /** Its standard error, likewise. */
  readonly stderr: ProcessInput;

  /** Aborted when the process has ended, however that was. Pass it to what the program waits for. */
  readonly signal: AbortSignal;

  /** Writes a text to the standard output. */
  print(text: string): Promise<void>;

  /** Writes a text to the standard error. */
  printError(text: string): Promise<void>;

  /** Ends the process, with this code. */
  exit(code: number): void;

  /** Calls `fn` for a signal, which no longer ends the program then. */
  onSignal(name: CatchableSignal, fn: () => void): void;
}

/**
 * A program by script. When it returns the process ends with code 0, unless it has called
 * {@linkcode FakeProgramContext.exit}; what it throws goes to its standard error, and the code is 1.
 */
export type FakeProgram = (process: FakeProgramContext) => unknown;

/** Options for {@linkcode FakeProcesses}. */
export interface FakeProcessesOptions {
  /**
   * Is given each wake-up of those who wait for a pipe, and decides when it happens, so that a test
   * can try other orders. Without it they happen at once.
   */
  readonly defer?: Defer | undefined;
}

/**
 * Programs for tests, each a function: with pipes, signals, exit codes and the end of its switch,
 * but without a process.
 *
 * @example
 * ```ts
 * import { FakeClock, FakeProcesses, ProcessError } from "@switchyard/switchyard";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const processes = new FakeProcesses(new FakeClock(), {
 *   sh: async ({ printError, exit }) => {
 *     await printError("out of coffee");
 *     exit(3);
 *   },
 * });
 * const error = await assertRejects(() => processes.run("sh", ["-c", "make"]), ProcessError);
 * assertEquals(
 *   error.message,
 *   'Cannot run sh -c make: it exited with code 3, its last words: "out of coffee"',
 * );
 * ```
 */
export class FakeProcesses implements Processes {
  /** What was started, oldest first. */
  readonly started: { readonly command: string; readonly args: readonly string[] }[] = [];
  readonly #programs: Readonly<Record<string, FakeProgram>>;
  readonly #defer: Defer;
  readonly #runner: ProcessRunner;

  /** Make a machine with these programs; `clock` times the timeouts and the grace. */
  constructor(
    clock: Clock,
    programs: Readonly<Record<string, FakeProgram>> = {},
    { defer = (wake) => wake() }: FakeProcessesOptions = {},
  ) {
    this.#programs = programs;
    this.#defer = defer;
    this.#runner = new ProcessRunner(clock, (spec, line) => this.#start(spec, line));
  }

  /** Starts the script of this name. */
  spawn(
    sw: Switch,
    command: string,
    args?: readonly string[],
    options?: SpawnOptions,
  ): Promise<Process> {
    return this.#runner.spawn(sw, command, args, options);
  }

  /** Runs the script of this name to its end. */
  run(command: string, args?: readonly string[], options?: RunOptions): Promise<ProcessOutput> {
    return this.#runner.run(command, args, options);
  }

  /** Runs the script of this name, and parses what it writes. */
  parseOut<T>(
    command: string,
    args: readonly string[],
    parse: (stdout: ByteSource) => T | Promise<T>,
    options?: ParseOutOptions,
  ): Promise<T> {
    return this.#runner.parseOut(command, args, parse, options);
  }

  #start(spec: ChildSpec, commandLine: string): Child {
    const { command, args } = spec;
    const program = Object.hasOwn(this.#programs, command) ? this.#programs[command] : undefined;
    if (program === undefined) {
      const message = `Cannot run ${commandLine}: no such program is on the PATH`;
      throw new ProcessError("not-found", message, { commandLine });
    }
    this.started.push({ command, args });
    const pid = this.started.length;
    return new FakeChild(program, spec, { pid, commandLine, defer: this.#defer });
  }
}
