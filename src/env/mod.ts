/**
 * The authority of a program over its machine, as values: who holds a {@linkcode Clock} may tell
 * the time, who holds a {@linkcode Net} may connect, and nobody else. {@linkcode realEnv} gives all
 * of it, once, to the main file; {@linkcode fakeEnv} gives tests a machine that they can drive.
 *
 * - Network: {@linkcode Net}, {@linkcode Listener}, {@linkcode Conn}, {@linkcode NetError}
 * - Time: {@linkcode Clock}, {@linkcode Timer}
 * - Other cores: {@linkcode Threads}, {@linkcode Warden}, {@linkcode Thread}
 * - Files below a directory: {@linkcode Dir}, {@linkcode DirError}
 * - Environment variables: {@linkcode Vars}; random numbers: {@linkcode Random},
 *   {@linkcode SecureRandom}
 * - Other programs: {@linkcode Processes}, {@linkcode Process}, {@linkcode ProcessError}
 * - Signals from outside: {@linkcode Signals}
 * - The log: {@linkcode Log}
 *
 * Bytes come from a {@linkcode ByteSource} and go to a {@linkcode ByteSink}: connections, files and
 * pipes of processes are both. {@linkcode copy} brings them from one to the other.
 *
 * ```ts
 * import { type Clock, FakeClock } from "@switchyard/switchyard";
 *
 * async function blink(clock: Clock, times: number): Promise<void> {
 *   for (let i = 0; i < times; i++) await clock.sleep(500);
 * }
 *
 * const clock = new FakeClock();
 * const blinking = blink(clock, 3);
 * await clock.advance(1500);
 * await blinking;
 * ```
 *
 * @module
 */

export type { Env } from "./env.ts";
export { realEnv, type RealEnvOptions } from "./deno.ts";
export { eventInterval } from "./deno_event_interval.ts";
export { type FakeEnv, fakeEnv, type FakeEnvOptions } from "./fake.ts";

export {
  type Address,
  type Conn,
  type ConnectOptions,
  formatAddress,
  type InheritedAddress,
  type Listener,
  type ListenOptions,
  type Net,
  NetError,
  type NetErrorCode,
  type PeerState,
  type TcpAddress,
  type TlsClientOptions,
  type TlsIdentity,
  type UnixAddress,
} from "./net.ts";
export { connectAny, type ConnectAnyOptions, type ConnectEnv } from "./connect_any.ts";
export { FakeConn, type FakeConnOptions, type FakeConnPair } from "./fake_conn.ts";
export { FakeNet, type FakeNetOptions } from "./fake_net.ts";

export type { Clock, Timer } from "./clock.ts";
export { FakeClock, type FakeClockOptions } from "./fake_clock.ts";

export type {
  Grant,
  Isolation,
  KillReport,
  Permissions,
  ScopeSpec,
  Thread,
  ThreadEnd,
  Threads,
  Warden,
} from "./threads.ts";
export { FakeThread, FakeThreads, type FakeThreadsOptions } from "./fake_threads.ts";

export {
  type Dir,
  type DirEntry,
  DirError,
  type DirErrorCode,
  type DirWatcher,
  type FileInfo,
  type FileSink,
  type FileSource,
  type MakeDirOptions,
  type NextChangeOptions,
  type OpenWriteOptions,
  type RemoveOptions,
  type StatOptions,
} from "./dir.ts";
export { fakeDir } from "./fake_dir.ts";

export type { ByteReceiver, ByteSink, ByteSource } from "./bytes.ts";
export { byteSource } from "./byte_source.ts";
export { copy, type CopyOptions, writeAll } from "./copy.ts";
export { unlessAborted } from "./unless_aborted.ts";

export {
  type ExitStatus,
  type ParseOutOptions,
  type Process,
  ProcessError,
  type ProcessErrorCode,
  type ProcessErrorDetails,
  type Processes,
  type ProcessInput,
  type ProcessOptions,
  type ProcessOutput,
  type RunOptions,
  type SpawnOptions,
  type Stdio,
  type SuccessOptions,
} from "./process.ts";
export {
  FakeProcesses,
  type FakeProcessesOptions,
  type FakeProgram,
  type FakeProgramContext,
} from "./fake_process.ts";

export type {
  CatchableSignal,
  Delivery,
  NextSignalOptions,
  SignalListener,
  SignalName,
  Signals,
} from "./signals.ts";
export { FakeSignals, type FakeSignalsOptions } from "./fake_signals.ts";

export type { Vars } from "./vars.ts";
export { fakeVars } from "./fake_vars.ts";

export { type Random, type SecureRandom, seededRandom } from "./random.ts";
export { fakeSecureRandom } from "./fake_secure_random.ts";

export type { Log, LogFields, LogLevel } from "./log.ts";
export type { LogFormat, LogRecord } from "./log_format.ts";
export type { LineLogOptions } from "./line_log.ts";
export { FakeLog } from "./fake_log.ts";
