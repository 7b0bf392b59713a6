import type { Defer } from "../switch/mod.ts";
import type { ByteSource } from "./bytes.ts";
import type { Child, ChildInput, ChildOutput, ChildSpec, ChildStdio } from "./child.ts";
import { writeAll } from "./copy.ts";
import { FakePipe, PipeError } from "./fake_pipe.ts";
import type { FakeProgram, FakeProgramContext } from "./fake_process.ts";
import { type ExitStatus, ProcessError } from "./process.ts";
import type { CatchableSignal, SignalName } from "./signals.ts";

/** What a pipe of Linux holds. */
const PIPE_BYTES = 65536;

/** Signals that do nothing to a program that does not ask for them. */
const HARMLESS: ReadonlySet<SignalName> = new Set(["SIGCHLD", "SIGCONT", "SIGWINCH"]);

/** What a {@linkcode FakeChild} is known by. */
export interface FakeChildOptions {
  readonly pid: number;
  readonly commandLine: string;
  readonly defer: Defer;
}

/** A scripted program that runs. */
export class FakeChild implements Child {
  readonly pid: number;
  readonly stdin: ChildInput | undefined;
  readonly stdout: ChildOutput | undefined;
  readonly stderr: ChildOutput | undefined;
  readonly exited: Promise<ExitStatus>;
  readonly #commandLine: string;
  readonly #in: FakePipe | undefined;
  readonly #out: FakePipe | undefined;
  readonly #err: FakePipe | undefined;
  readonly #handlers = new Map<SignalName, () => void>();
  readonly #life = new AbortController();
  readonly #exit: (status: ExitStatus) => void;
  #hasExited = false;

  constructor(
    program: FakeProgram,
    spec: ChildSpec,
    { pid, commandLine, defer }: FakeChildOptions,
  ) {
    const { promise, resolve } = Promise.withResolvers<ExitStatus>();
    this.pid = pid;
    this.exited = promise;
    this.#exit = resolve;
    this.#commandLine = commandLine;
    this.#in = pipeFor(spec.stdin, defer);
    this.#out = pipeFor(spec.stdout, defer);
    this.#err = pipeFor(spec.stderr, defer);
    this.stdin = this.#in && this.#sink(this.#in);
    this.stdout = this.#out && outputOf(this.#out);
    this.stderr = this.#err && outputOf(this.#err);
    void this.#run(program, spec);
  }

  kill(signal: SignalName): void {
    const handler = this.#handlers.get(signal);
    if (this.#hasExited) return;
    if (handler !== undefined) handler();
    else if (!HARMLESS.has(signal)) this.#end({ kind: "signalled", signal });
  }

  async #run(program: FakeProgram, spec: ChildSpec): Promise<void> {
    await undefined; // as a real one, it does nothing before it has been returned
    try {
      await program(this.#context(spec));
      this.#end({ kind: "exited", code: 0 });
    } catch (error) {
      await this.#crash(error);
    }
  }

  async #crash(error: unknown): Promise<void> {
    const isPipe = error instanceof ProcessError && error.code === "closed";
    if (isPipe) return this.#end({ kind: "signalled", signal: "SIGPIPE" });
    await this.#print(this.#err, String(error)).catch(() => {}); // nobody wants to know
    this.#end({ kind: "exited", code: 1 });
  }

  #context({ args, cwd, env }: ChildSpec): FakeProgramContext {
    return {
      args,
      cwd,
      env,
      stdin: sourceOf(this.#in),
      stdout: this.#sink(this.#out),
      stderr: this.#sink(this.#err),
      signal: this.#life.signal,
      print: (text) => this.#print(this.#out, text),
      printError: (text) => this.#print(this.#err, text),
      exit: (code) => this.#end({ kind: "exited", code }),
      onSignal: (name: CatchableSignal, fn) => void this.#handlers.set(name, fn),
    };
  }

  #print(pipe: FakePipe | undefined, text: string): Promise<void> {
    return writeAll(this.#sink(pipe), new TextEncoder().encode(text));
  }

  /** A way into `pipe`, at either end of which this program is. */
  #sink(pipe: FakePipe | undefined): ChildInput {
    return {
      close: () => Promise.resolve(pipe && close(pipe)),
      write: async (data) => {
        try {
          return pipe === undefined ? data.length : await pipe.write(data);
        } catch (error) {
          if (!(error instanceof PipeError)) throw error;
          const commandLine = this.#commandLine;
          const message = `Cannot write to a pipe of ${commandLine}: it was closed`;
          throw new ProcessError("closed", message, { commandLine });
        }
      },
    };
  }

  #end(status: ExitStatus): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    this.#in?.failWriter("closed");
    for (const pipe of [this.#out, this.#err]) if (pipe !== undefined) close(pipe);
    this.#exit(status);
    this.#life.abort(new Error("the process has ended"));
  }
}

function pipeFor(stdio: ChildStdio, defer: Defer): FakePipe | undefined {
  return stdio === "piped" ? new FakePipe(PIPE_BYTES, defer) : undefined;
}

function sourceOf(pipe: FakePipe | undefined): ByteSource {
  return { read: (buffer) => pipe === undefined ? Promise.resolve(null) : pipe.read(buffer) };
}

function outputOf(pipe: FakePipe): ChildOutput {
  let isClosed = false;
  return {
    read: (buffer) => isClosed ? Promise.resolve(null) : pipe.read(buffer),
    close() {
      isClosed = true;
      return Promise.resolve(close(pipe));
    },
  };
}

/** From here on nothing can be written; what was is still there to be read. */
function close(pipe: FakePipe): void {
  pipe.end();
  pipe.failWriter("closed");
}
