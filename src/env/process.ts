import type { Switch } from "../switch/mod.ts";
import type { ByteSink, ByteSource } from "./bytes.ts";
import type { Dir } from "./dir.ts";
import type { SignalName } from "./signals.ts";

/**
 * The authority to run other programs. A process is a resource like others: it belongs to a switch,
 * and when {@linkcode Processes.spawn} or {@linkcode Processes.run} is over, so is it.
 *
 * Also known as Eio's process manager and `Lwt_process`.
 *
 * @example
 * ```ts
 * import { FakeClock, FakeProcesses, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const processes = new FakeProcesses(new FakeClock(), {
 *   date: ({ print }) => print("Thu Jan  1 00:00:00 UTC 1970\n"),
 * });
 * const { stdout } = await processes.run("date", ["--utc"]);
 * assertEquals(stdout, "Thu Jan  1 00:00:00 UTC 1970\n");
 * ```
 */
export interface Processes {
  /**
   * Starts a program in the lifetime of `sw`. When the switch is cancelled, or ends, the process is
   * asked to end (SIGTERM) and, after `graceMs`, killed (SIGKILL); the switch waits for it. Its own
   * end, however it looks, is no failure of the switch: {@linkcode Process.success} makes it one.
   *
   * Rejects with a {@linkcode ProcessError} where it cannot be started, and throws as `sw.check()`.
   */
  spawn(
    sw: Switch,
    command: string,
    args?: readonly string[],
    options?: SpawnOptions,
  ): Promise<Process>;

  /**
   * Runs a program to its end, and returns what it wrote. Rejects with a {@linkcode ProcessError}
   * unless it was a success, and with {@linkcode Cancelled} when `signal` is aborted, in both cases
   * after the process has ended.
   */
  run(command: string, args?: readonly string[], options?: RunOptions): Promise<ProcessOutput>;

  /**
   * Runs a program and returns what `parse` makes of its standard output, however long that is.
   * What `parse` leaves is read and dropped. Otherwise as {@linkcode Processes.run}; where both the
   * program and `parse` fail, the program's failure counts, and the other is its `cause`.
   */
  parseOut<T>(
    command: string,
    args: readonly string[],
    parse: (stdout: ByteSource) => T | Promise<T>,
    options?: ParseOutOptions,
  ): Promise<T>;
}

/** What becomes of a standard stream: nothing, this program's own, or a pipe to this program. */
export type Stdio = "null" | "inherit" | "piped";

/** What every way to start a program takes. */
export interface ProcessOptions {
  /**
   * The directory that it starts in.
   *
   * @default {that of this program}
   */
  readonly cwd?: Dir | string;

  /** Environment variables, besides those of this program. */
  readonly env?: Readonly<Record<string, string>>;

  /**
   * Gives it the variables in `env` alone.
   *
   * @default {false}
   */
  readonly clearEnv?: boolean;

  /**
   * How long it may run before it is stopped, as when its switch ends.
   *
   * @default {Infinity}
   */
  readonly timeoutMs?: number;

  /**
   * How long it has between the request to end and the kill. With 0 it is killed at once.
   *
   * @default {5000}
   */
  readonly graceMs?: number;
}

/** Options for {@linkcode Processes.spawn}. */
export interface SpawnOptions extends ProcessOptions {
  /**
   * Its standard input.
   *
   * @default {"null"}
   */
  readonly stdin?: Stdio;

  /**
   * Its standard output. One that is piped must be read: the process waits when the pipe is full.
   *
   * @default {"null"}
   */
  readonly stdout?: Stdio;

  /**
   * Its standard error. With `tail` the last 4 KiB of it are kept for the error message.
   *
   * @default {"tail"}
   */
  readonly stderr?: Stdio | "tail";
}

/** Which exit codes are a success. */
export interface SuccessOptions {
  /**
   * Whether the program was successful. A signal, or the timeout, never is a success.
   *
   * @default {code === 0}
   */
  readonly isSuccess?: (code: number) => boolean;

  /** Gives the wait up. */
  readonly signal?: AbortSignal;
}

/** Options for {@linkcode Processes.parseOut}. */
export interface ParseOutOptions extends ProcessOptions, SuccessOptions {
  /**
   * What it reads from its standard input: a text, bytes, or a source that is read to its end. That
   * the program does not read all of it is no error.
   *
   * @default {""}
   */
  readonly stdin?: string | Uint8Array | ByteSource;
}

/** Options for {@linkcode Processes.run}. */
export interface RunOptions extends ParseOutOptions {
  /**
   * How much it may write to its standard output. With more it is stopped, and the run fails.
   *
   * @default {1048576}
   */
  readonly maxOutputBytes?: number;
}

/** What a program that has run to its end has left. */
export interface ProcessOutput {
  /** Its exit code; other than 0 only where `isSuccess` allows it. */
  readonly code: number;

  /** Its standard output, as UTF-8. */
  readonly stdout: string;

  /** The last 4 KiB of its standard error. */
  readonly stderr: string;
}

/** How a process has ended. */
export type ExitStatus =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signalled"; readonly signal: string };

/** A program that runs, or has run. Disposing of it stops it, and waits until it has ended. */
export interface Process extends AsyncDisposable {
  /** The number by which the machine knows it. */
  readonly pid: number;

  /** What was started, quoted for messages. */
  readonly commandLine: string;

  /** The way to its standard input. Throws a `TypeError` where that is not piped. */
  readonly stdin: ProcessInput;

  /** What it writes to its standard output. Throws a `TypeError` where that is not piped. */
  readonly stdout: ByteSource;

  /** What it writes to its standard error. Throws a `TypeError` where that is not piped. */
  readonly stderr: ByteSource;

  /**
   * Waits until the process has ended, and tells how: as often as one asks. Rejects only with
   * {@linkcode Cancelled}, when `signal` is aborted.
   */
  status(options?: { readonly signal?: AbortSignal }): Promise<ExitStatus>;

  /**
   * Waits until the process has ended, and returns its exit code. Rejects with a
   * {@linkcode ProcessError} unless it was a success, and with {@linkcode Cancelled}.
   */
  success(options?: SuccessOptions): Promise<number>;

  /** Sends a signal, SIGTERM unless told otherwise. Of a process that has ended nothing is wanted. */
  kill(signal?: SignalName): void;
}

/** The way into a pipe: to a process's standard input, or, for a scripted one, from it. */
export interface ProcessInput extends ByteSink {
  /** Ends what is written. A second time, or after the process has ended, this does nothing. */
  close(): Promise<void>;
}

/** What went wrong with a process, as a word that a program can match. */
export type ProcessErrorCode =
  | "not-found"
  | "permission-denied"
  | "failed"
  | "timed-out"
  | "output-too-long"
  | "closed"
  | "other";

/** What is known of a process that failed, besides the message. */
export interface ProcessErrorDetails extends ErrorOptions {
  /** What was run, quoted. */
  readonly commandLine: string;

  /** How it ended, if it was started. */
  readonly status?: ExitStatus;

  /** The end of its standard error. */
  readonly stderr?: string;
}

/** A failure of a {@linkcode Processes} or a {@linkcode Process}. */
export class ProcessError extends Error {
  /** The name of the class. */
  override readonly name: string = "ProcessError";

  /** What went wrong, for programs. */
  readonly code: ProcessErrorCode;

  /** What was run, quoted as a shell would need it. */
  readonly commandLine: string;

  /** How the process ended, if it was started and has ended. */
  readonly status: ExitStatus | undefined;

  /** The last 4 KiB of its standard error, as far as it was kept. */
  readonly stderr: string;

  /** Make a process error with this code and message. */
  constructor(code: ProcessErrorCode, message: string, details: ProcessErrorDetails) {
    super(message, details);
    this.code = code;
    this.commandLine = details.commandLine;
    this.status = details.status;
    this.stderr = details.stderr ?? "";
  }
}
