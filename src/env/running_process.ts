import type { Switch } from "../switch/mod.ts";
import type { ByteSource } from "./bytes.ts";
import type { Child } from "./child.ts";
import type { Clock, Timer } from "./clock.ts";
import { OutputPipe } from "./output_pipe.ts";
import {
  type ExitStatus,
  type Process,
  ProcessError,
  type ProcessErrorDetails,
  type ProcessInput,
  type SuccessOptions,
} from "./process.ts";
import type { SignalName } from "./signals.ts";
import { Tail } from "./tail.ts";
import { unlessAborted } from "./unless_aborted.ts";

/** How much of the standard error is kept. */
const TAIL_BYTES = 4096;

/** How much of it a message quotes. */
const LAST_WORDS = 200;

/**
 * How long the standard error of a process that has ended is waited for. It ends with the process,
 * unless a child of that has it open too.
 */
const LAST_WORDS_MS = 100;

/** How a process is kept. */
export interface RunningProcessOptions {
  readonly clock: Clock;
  readonly commandLine: string;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly keepTail: boolean;
}

/** Options for {@linkcode RunningProcess.result}. */
export interface ResultOptions extends SuccessOptions {
  /** What has gone wrong besides, for the error. */
  readonly cause?: unknown;
}

/** What is left of a process that was a success. */
export interface ProcessResult {
  readonly code: number;
  readonly stderr: string;
}

type FailureDetails = ProcessErrorDetails & {
  readonly status: ExitStatus;
  readonly stderr: string;
};

/** A process that belongs to a switch: the part that does not depend on the platform. */
export class RunningProcess implements Process {
  readonly commandLine: string;
  readonly #child: Child;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #graceMs: number;
  readonly #stdout: OutputPipe | undefined;
  readonly #stderr: OutputPipe | undefined;
  readonly #tail: Tail | undefined;
  readonly #ended: Promise<ExitStatus>;
  #timeout: Timer | undefined = undefined;
  #killTimer: Timer | undefined = undefined;
  #isStopping = false;
  #hasEnded = false;
  #hasTimedOut = false;

  private constructor(child: Child, options: RunningProcessOptions) {
    this.commandLine = options.commandLine;
    this.#child = child;
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs;
    this.#graceMs = options.graceMs;
    this.#stdout = child.stdout && new OutputPipe(child.stdout);
    const stderr = child.stderr && new OutputPipe(child.stderr);
    if (stderr && options.keepTail) this.#tail = new Tail(stderr, TAIL_BYTES);
    this.#stderr = stderr;
    this.#ended = this.#live();
  }

  /** The process `child`, which is stopped with `sw`. */
  static start(sw: Switch, child: Child, options: RunningProcessOptions): RunningProcess {
    const process = new RunningProcess(child, options);
    const hooks = [
      // Not only at the release: a fiber may wait for the end of the process without a signal.
      sw.onCancel(() => process.#stop()),
      sw.onRelease(() => process[Symbol.asyncDispose]()),
    ];
    void process.#finished().then(() => hooks.forEach((hook) => hook.remove()));
    return process;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get stdin(): ProcessInput {
    return this.#child.stdin ?? this.#notPiped("stdin");
  }

  get stdout(): ByteSource {
    return this.#stdout ?? this.#notPiped("stdout");
  }

  get stderr(): ByteSource {
    if (this.#stderr === undefined || this.#tail !== undefined) return this.#notPiped("stderr");
    return this.#stderr;
  }

  status({ signal }: { readonly signal?: AbortSignal } = {}): Promise<ExitStatus> {
    if (this.#hasEnded) return this.#ended;
    return unlessAborted(this.#ended, signal, "the end of a program");
  }

  async success(options: SuccessOptions = {}): Promise<number> {
    return (await this.result(options)).code;
  }

  /** As {@linkcode Process.success}, with the end of its standard error. */
  async result(options: ResultOptions = {}): Promise<ProcessResult> {
    const { isSuccess = isZero, signal, cause } = options;
    const status = await this.status(signal && { signal });
    const stderr = await this.#lastOutput();
    if (!this.#hasTimedOut && status.kind === "exited" && isSuccess(status.code)) {
      return { code: status.code, stderr };
    }
    throw this.#failure({ commandLine: this.commandLine, status, stderr, cause });
  }

  kill(signal: SignalName = "SIGTERM"): void {
    this.#child.kill(signal);
  }

  /** Stops the process, waits for its end, and closes its pipes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    await this.#ended;
    await this.#closeOutputs();
  }

  async #live(): Promise<ExitStatus> {
    if (this.#timeoutMs < Infinity) {
      this.#timeout = this.#clock.setTimer(this.#timeoutMs, () => this.#expire());
    }
    const status = await this.#child.exited;
    this.#hasEnded = this.#isStopping = true;
    this.#timeout?.cancel();
    this.#killTimer?.cancel();
    await this.#child.stdin?.close();
    if (this.#hasTimedOut) await this.#closeOutputs(); // a child of it may have them open too
    return status;
  }

  async #closeOutputs(): Promise<void> {
    await Promise.all([this.#stdout?.close(), this.#stderr?.close()]);
    await this.#tail?.ended;
  }

  /** Resolves when there is nothing left to stop, to read or to close. */
  async #finished(): Promise<void> {
    await Promise.all([this.#ended, this.#stdout?.ended, this.#stderr?.ended]);
  }

  #expire(): void {
    this.#hasTimedOut = true;
    this.#stop();
  }

  /** Asks it to end, and sees to it. A second time this does nothing. */
  #stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    if (!(this.#graceMs > 0)) return this.#tryKill("SIGKILL");
    this.#tryKill("SIGTERM");
    this.#killTimer = this.#clock.setTimer(this.#graceMs, () => this.#tryKill("SIGKILL"));
  }

  /** One of another user may be out of our reach: then all that we can do is to wait for it. */
  #tryKill(signal: SignalName): void {
    try {
      this.kill(signal);
    } catch {
      // Its end is awaited all the same, and a timer has nobody to tell.
    }
  }

  #failure(details: FailureDetails): ProcessError {
    const cannotRun = `Cannot run ${this.commandLine}`;
    const end = ending(details.status);
    if (!this.#hasTimedOut) {
      return new ProcessError(
        "failed",
        `${cannotRun}: it ${end}${lastWords(details.stderr)}`,
        details,
      );
    }
    const limit = `timeoutMs (${this.#timeoutMs} ms)`;
    return new ProcessError(
      "timed-out",
      `${cannotRun}: it ran for more than ${limit}, and ${end}`,
      details,
    );
  }

  async #lastOutput(): Promise<string> {
    if (this.#tail === undefined) return "";
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimer(LAST_WORDS_MS, resolve);
    await Promise.race([this.#tail.ended, promise]);
    timer.cancel();
    return this.#tail.text;
  }

  #notPiped(name: string): never {
    throw new TypeError(
      `Cannot use the ${name} of ${this.commandLine}: spawn it with { ${name}: "piped" }`,
    );
  }
}

function isZero(code: number): boolean {
  return code === 0;
}

function ending(status: ExitStatus): string {
  return status.kind === "exited"
    ? `exited with code ${status.code}`
    : `was ended by ${status.signal}`;
}

/** The last line of what it wrote to its standard error, as a part of a sentence. */
function lastWords(stderr: string): string {
  const line = stderr.trimEnd().split("\n").at(-1)!.trim();
  return line === "" ? "" : `, its last words: ${JSON.stringify(line.slice(-LAST_WORDS))}`;
}
