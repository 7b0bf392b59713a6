/**
 * Switchyard: a multicore job server, a job kit, and structured concurrency for Deno.
 *
 * - **Lifetime.** A {@linkcode Switch} holds what runs and what is open; nothing outlives it.
 * - **Authority.** {@linkcode Env} is the machine as values: {@linkcode realEnv} is the real one,
 *   {@linkcode fakeEnv} one that a test drives.
 * - **Cores.** A {@linkcode WorkerPool} runs jobs on other threads, with just the permissions that
 *   were granted, under a deadline and a heap limit, and stops them for real.
 * - **Sockets and words.** {@linkcode serveConnections} and {@linkcode Connection} make sockets into
 *   lines, {@linkcode parseCommand} and {@linkcode formatReply} lines into values.
 * - **The server.** {@linkcode runServer} is all of it: lines in, results out.
 *
 * What holds, always:
 *
 * 1. `Switch.run` returns only after every fiber in it has settled and every release has run.
 * 2. Releases run last-in first-out, one at a time, shielded from cancellation.
 * 3. The first failure turns the switch off; later ones are joined to it; `Cancelled` never hides a
 *    real error.
 * 4. Cancellation goes down the tree; a failure goes up only by being thrown from `run`.
 * 5. Daemons do not keep a switch on; they are cancelled and waited for.
 * 6. What has completed beats a later cancellation: nothing is lost, nothing handed over twice.
 * 7. One request, one outcome. A connection that goes away cancels its requests.
 * 8. A job runs at most once for each request.
 * 9. A job that is cancelled or late stops: asked first, then killed. Its outcome says which, and
 *    after how many milliseconds.
 * 10. A job has the permissions that were granted to it, and no others; the default is none.
 *
 * @example A lifetime
 * ```ts
 * import { Fiber, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 * await Switch.run((sw) => {
 *   sw.onRelease(() => void log.push("everything is closed"));
 *   sw.fork(async () => {
 *     await Fiber.yield();
 *     log.push("a fiber ended");
 *   });
 *   log.push("the body ended");
 * });
 * assertEquals(log, ["the body ended", "a fiber ended", "everything is closed"]);
 * ```
 *
 * Read on at {@linkcode Switch}, then {@linkcode WorkerPool}, then {@linkcode runServer}. How to
 * write a job is told by {@linkcode defineJob}; a job file imports it from
 * `@switchyard/switchyard/job`.
 *
 * @module
 */

// Lifetime: switches, the fibers in them, their cancellation, and what they do together.
export {
  abortable,
  addContext,
  type AttemptFunction,
  Cancelled,
  type ChildSwitchOptions,
  ContextError,
  Deferred,
  type DeferredOptions,
  type DeferredState,
  Fiber,
  type FiberFunction,
  type FiberInfo,
  type FiberKind,
  FiberLocal,
  type FiberOptions,
  findCause,
  type ItemFunction,
  type MapOptions,
  MultipleErrors,
  onAbort,
  type RaceOptions,
  type Registration,
  type RetryOptions,
  type Sleeper,
  type Stopwatch,
  Switch,
  type SwitchInfo,
  type SwitchOptions,
  type SwitchState,
  Timeout,
  TimeoutError,
  type TimeoutResult,
  type WaitOptions,
  withContext,
} from "./switch/mod.ts";

// Meeting: what fibers wait on for each other.
export {
  type Case,
  type CaseResult,
  Channel,
  ChannelClosedError,
  type ChannelOptions,
  type Choice,
  Condition,
  type ConditionOptions,
  type ConditionWaitOptions,
  type Finish,
  type Guard,
  IdleTimer,
  Lazy,
  type LazyOptions,
  Mutex,
  type MutexOptions,
  type Permit,
  Poisoned,
  RateLimiter,
  type RateLimiterOptions,
  RateLimitError,
  ResourcePool,
  type ResourcePoolOptions,
  select,
  Semaphore,
  type SemaphoreOptions,
  type TimerSource,
  type Turn,
  type UseOptions,
  type UseRwOptions,
} from "./sync/mod.ts";

// Looking into it: what a tree of switches does and waits for.
export {
  type CancelEvent,
  type ChromeEvent,
  type ChromeEventBase,
  type ChromeFlow,
  type ChromeInstant,
  type ChromeMetadata,
  type ChromeSlice,
  type ChromeSliceKind,
  type ChromeTrace,
  type Defer,
  type EndEvent,
  type ForkEvent,
  formatTree,
  type LeakOptions,
  Observer,
  type ObserverClock,
  type ObserverOptions,
  type OpenEvent,
  type ReleasedEvent,
  type ReleaseEvent,
  type ResumeEvent,
  type SwitchEvent,
  type SwitchEventBase,
  Trace,
  type TraceOptions,
  type WaitEvent,
  type WaitLabel,
  wake,
} from "./switch/mod.ts";

// Authority: the machine as values, its interfaces, and the real one.
export {
  type Address,
  type ByteSink,
  byteSource,
  type ByteSource,
  type CatchableSignal,
  type Clock,
  type Conn,
  type ConnectOptions,
  copy,
  type CopyOptions,
  type Delivery,
  type Dir,
  type DirEntry,
  DirError,
  type DirErrorCode,
  type Env,
  type ExitStatus,
  type FileInfo,
  type FileSink,
  type FileSource,
  formatAddress,
  type Grant,
  type Isolation,
  type KillReport,
  type LineLogOptions,
  type Listener,
  type ListenOptions,
  type Log,
  type LogFields,
  type LogFormat,
  type LogLevel,
  type LogRecord,
  type MakeDirOptions,
  type Net,
  NetError,
  type NetErrorCode,
  type NextSignalOptions,
  type OpenWriteOptions,
  type ParseOutOptions,
  type PeerState,
  type Permissions,
  type Process,
  ProcessError,
  type ProcessErrorCode,
  type ProcessErrorDetails,
  type Processes,
  type ProcessInput,
  type ProcessOptions,
  type ProcessOutput,
  type Random,
  realEnv,
  type RealEnvOptions,
  type RemoveOptions,
  type RunOptions,
  type ScopeSpec,
  type SignalListener,
  type SignalName,
  type Signals,
  type SpawnOptions,
  type StatOptions,
  type Stdio,
  type SuccessOptions,
  type TcpAddress,
  type Thread,
  type ThreadEnd,
  type Threads,
  type Timer,
  type UnixAddress,
  type Vars,
  type Warden,
} from "./env/mod.ts";

// The same for tests: each capability as a fake that the test drives.
export {
  FakeClock,
  type FakeClockOptions,
  FakeConn,
  type FakeConnOptions,
  type FakeConnPair,
  fakeDir,
  type FakeEnv,
  fakeEnv,
  type FakeEnvOptions,
  FakeLog,
  FakeNet,
  type FakeNetOptions,
  FakeProcesses,
  type FakeProcessesOptions,
  type FakeProgram,
  type FakeProgramContext,
  fakeRandom,
  FakeSignals,
  type FakeSignalsOptions,
  FakeThread,
  FakeThreads,
  type FakeThreadsOptions,
  fakeVars,
} from "./env/mod.ts";

// Tests without time, in one order of events after another.
export {
  DeadlockError,
  explore,
  type ExploreOptions,
  runTest,
  type RunTestOptions,
  ScheduleError,
  type TestScope,
} from "./testing/mod.ts";

// Sockets as lines, and bytes of any kind.
export {
  BufReader,
  type BufReaderOptions,
  BufWriter,
  type BufWriterOptions,
  Connection,
  type ConnectionOptions,
  type HalfClose,
  type Line,
  type LineFault,
  LineReader,
  type LineReaderOptions,
  LineWriter,
  type LineWriterOptions,
  ReadError,
  type ReadErrorCode,
  type ReadLineOptions,
  type ReadOptions,
  type ReadyOptions,
  serveConnections,
  type ServeOptions,
  withWriter,
  type WithWriterOptions,
} from "./net/mod.ts";

// Words: what a client and the server say to each other, as values.
export {
  type Command,
  type CommandOptions,
  type Dialects,
  type ForeignProtocol,
  formatCommand,
  formatReply,
  isInteger,
  type LineReply,
  type Misunderstanding,
  parseCommand,
  parseInteger,
  parseReply,
  REFUSAL_CODES,
  type RefusalCode,
  type Reply,
  ReplyParser,
  type ReplyParserOptions,
  type Request,
} from "./protocol/mod.ts";

// Cores: jobs on other threads, which can be stopped.
export {
  type ErrorRecord,
  type Grants,
  type Job,
  type Outcome,
  type OutcomeCounts,
  type OutcomeFigures,
  type OutcomeKind,
  PoolError,
  type PoolStats,
  type RefusalCode as PoolRefusalCode,
  type Stop,
  type SubmitOptions,
  WorkerPool,
  type WorkerPoolOptions,
} from "./pool/mod.ts";

// Jobs: what a job file exports, and what is known of it without running it.
export {
  type Checked,
  defineJob,
  type InputIssue,
  type InputSchema,
  type JobContext,
  type JobDefinition,
  type JobLimits,
  type Manifest,
  type PermissionRequest,
  type StandardProps,
} from "./job/mod.ts";

// The server: all of the above, on a port.
export { runServer, type ServerEnd, type ServerEnv, type ServerOptions } from "./server.ts";
