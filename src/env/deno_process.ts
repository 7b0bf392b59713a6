import type { Child, ChildInput, ChildOutput, ChildSpec } from "./child.ts";
import type { Clock } from "./clock.ts";
import { type ExitStatus, ProcessError, type ProcessErrorCode, type Processes } from "./process.ts";
import { ProcessRunner } from "./process_runner.ts";
import type { SignalName } from "./signals.ts";

/** The programs of the machine. */
export function denoProcesses(clock: Clock): Processes {
  return new ProcessRunner(clock, start);
}

function start(spec: ChildSpec, commandLine: string): Child {
  const { command, cwd, args, ...rest } = spec;
  try {
    const options = { ...rest, args: [...args], ...(cwd !== undefined && { cwd }) };
    return new DenoChild(new Deno.Command(command, options).spawn(), spec, commandLine);
  } catch (cause) {
    const [code, why] = explain(cause, spec);
    throw new ProcessError(code, `Cannot run ${commandLine}: ${why}`, { commandLine, cause });
  }
}

class DenoChild implements Child {
  readonly stdin: ChildInput | undefined;
  readonly stdout: ChildOutput | undefined;
  readonly stderr: ChildOutput | undefined;
  readonly exited: Promise<ExitStatus>;
  readonly #child: Deno.ChildProcess;

  constructor(child: Deno.ChildProcess, spec: ChildSpec, commandLine: string) {
    this.#child = child;
    if (spec.stdin === "piped") this.stdin = new DenoInput(child.stdin, commandLine);
    if (spec.stdout === "piped") this.stdout = new DenoOutput(child.stdout);
    if (spec.stderr === "piped") this.stderr = new DenoOutput(child.stderr);
    this.exited = child.status.then(toExitStatus);
  }

  get pid(): number {
    return this.#child.pid;
  }

  kill(signal: SignalName): void {
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It has ended.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

class DenoInput implements ChildInput {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #commandLine: string;

  constructor(stream: WritableStream<Uint8Array>, commandLine: string) {
    this.#writer = stream.getWriter();
    this.#writer.closed.catch(() => {}); // each write tells as well
    this.#commandLine = commandLine;
  }

  async write(data: Uint8Array): Promise<number> {
    try {
      await this.#writer.write(data);
      return data.length;
    } catch (cause) {
      const commandLine = this.#commandLine;
      const why = "it does not read its standard input, or that was closed";
      throw new ProcessError("closed", `Cannot write to ${commandLine}: ${why}`, {
        commandLine,
        cause,
      });
    }
  }

  async close(): Promise<void> {
    await this.#writer.close().catch(() => {}); // it is closed, or broken, which closed it
  }
}

class DenoOutput implements ChildOutput {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#reader.read();
      if (done) return null;
      this.#rest = value;
    }
    const taken = this.#rest.subarray(0, buffer.length);
    this.#rest = this.#rest.subarray(taken.length);
    buffer.set(taken);
    return taken.length;
  }

  async close(): Promise<void> {
    this.#rest = new Uint8Array(0);
    await this.#reader.cancel().catch(() => {}); // it had failed, which closed it
  }
}

function toExitStatus({ code, signal }: Deno.CommandStatus): ExitStatus {
  return signal === null ? { kind: "exited", code } : { kind: "signalled", signal };
}

function explain(cause: unknown, { command, cwd }: ChildSpec): [ProcessErrorCode, string] {
  if (cause instanceof Deno.errors.NotFound) {
    const isDirectory = cwd !== undefined && cause.message.includes("No such cwd");
    if (isDirectory) return ["not-found", `there is no directory ${JSON.stringify(cwd)}`];
    const where = command.includes("/")
      ? "there is no such file"
      : "no such program is on the PATH";
    return ["not-found", where];
  }
  if (cause instanceof Deno.errors.NotCapable) {
    return [
      "permission-denied",
      `the permission is missing: allow it with --allow-run=${command}`,
    ];
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return ["permission-denied", "the file is no program, or may not be executed"];
  }
  return ["other", cause instanceof Error ? cause.message : String(cause)];
}
