import type { ByteSink, ByteSource } from "./bytes.ts";
import type { ExitStatus } from "./process.ts";
import type { SignalName } from "./signals.ts";

/** What a platform is told to start. */
export interface ChildSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly clearEnv: boolean;
  readonly stdin: ChildStdio;
  readonly stdout: ChildStdio;
  readonly stderr: ChildStdio;
}

/** What becomes of one of its standard streams. */
export type ChildStdio = "null" | "inherit" | "piped";

/** A started program, as a platform gives it: the pipes that were asked for, its end, signals. */
export interface Child {
  readonly pid: number;
  readonly stdin: ChildInput | undefined;
  readonly stdout: ChildOutput | undefined;
  readonly stderr: ChildOutput | undefined;
  /** Never rejects. */
  readonly exited: Promise<ExitStatus>;
  /** Of one that has ended this does nothing. */
  kill(signal: SignalName): void;
}

/** Our end of the pipe to its standard input. */
export interface ChildInput extends ByteSink {
  /** Closes the pipe, whatever state it is in. Never rejects. */
  close(): Promise<void>;
}

/** Our end of a pipe from it. */
export interface ChildOutput extends ByteSource {
  /** Closes the pipe; a read under way, and every later one, finds the end. Never rejects. */
  close(): Promise<void>;
}
