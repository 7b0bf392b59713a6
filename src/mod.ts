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
 * You know this from Eio, Lwt, Go or Trio:
 *
 * | Eio | Lwt | Go | Trio | here |
 * | --- | --- | --- | --- | --- |
 * | `Switch.run` | `Lwt_switch.with_switch` | `errgroup.WithContext` | `open_nursery` | {@linkcode Switch.run} |
 * | `Switch.run_protected`, `Cancel.protect` | `no_cancel` | `context.WithoutCancel` | `CancelScope(shield=True)` | {@linkcode Fiber.protect}, or `protect` of {@linkcode Switch.run} |
 * | `Switch.fail`, `check`, `get_error` | `turn_off`, `check` | `cancel(cause)`, `context.Cause` | `cancel_scope.cancel` | {@linkcode Switch.fail}, {@linkcode Switch.check}, {@linkcode Switch.error} |
 * | `Switch.on_release`, `remove_hook` | `add_hook` | `defer` | `async with`, `AsyncExitStack` | {@linkcode Switch.onRelease}, {@linkcode Switch.use} |
 * | `Fiber.fork`, `fork_promise` | `async`, `dont_wait` | `g.Go` | `start_soon` | {@linkcode Switch.fork}, {@linkcode Switch.forkPromise} |
 * | `Fiber.fork_daemon` |  | a goroutine until ctx.Done | a system task | {@linkcode Switch.forkDaemon} |
 * | `Fiber.both`, `pair`, `all` | `both`, `join`, `all` | `g.Go`, `g.Wait` | start_soon in a nursery | {@linkcode Fiber.both}, {@linkcode Fiber.pair}, {@linkcode Fiber.all} |
 * | `Fiber.first`, `any`, `n_any` | `pick`, `choose`, `npick` | `select` | cancel from the winner | {@linkcode Fiber.first}, {@linkcode Fiber.any}, {@linkcode Fiber.nAny} |
 * | `Fiber.List`, `max_fibers` | `Lwt_list`, `iter_n` | `g.SetLimit` | `CapacityLimiter` | {@linkcode Fiber.map}, {@linkcode Fiber.filter}, {@linkcode Fiber.filterMap}, {@linkcode Fiber.forEach} |
 * | `Fiber.yield` | `pause`, `auto_pause` | `runtime.Gosched` | `sleep(0)` | {@linkcode Fiber.yield}, {@linkcode Fiber.autoYield} |
 * | `Fiber.await_cancel` | `task` | `<-ctx.Done()` | `sleep_forever` | {@linkcode Fiber.awaitCancel} |
 * | `Fiber.check` |  | `ctx.Err` | `checkpoint_if_cancelled` | {@linkcode Switch.check}, `signal.throwIfAborted()` |
 * | `Fiber.with_binding` | `with_value` | `context.WithValue` | `contextvars` | {@linkcode FiberLocal} |
 * | `Cancel.Cancelled` | `Canceled` | `context.Canceled` | `Cancelled` | {@linkcode Cancelled} |
 * | `Exn.Multiple` |  | `errors.Join` | `ExceptionGroup` | {@linkcode MultipleErrors} |
 * | `Exn.add_context` |  | `%w`, `errors.As` | `add_note` | {@linkcode withContext}, {@linkcode addContext}, {@linkcode findCause} |
 * |  | `protected` | select with ctx.Done() |  | {@linkcode abortable} |
 * | `Promise` | `wait`, `wakeup` | a channel closed once | `Event` | {@linkcode Deferred} |
 * | `Stream` | `Lwt_stream`, `Lwt_mvar` | `chan`, `select` | `open_memory_channel` | {@linkcode Channel}, {@linkcode select} |
 * | `Semaphore` |  | `semaphore.Weighted` | `Semaphore` | {@linkcode Semaphore} |
 * | `Mutex` | `Lwt_mutex` | `sync.Mutex` | `Lock` | {@linkcode Mutex} |
 * | `Condition` | `Lwt_condition` | `sync.Cond` | `Condition`, `Event` | {@linkcode Condition} |
 * | `Lazy` |  | `sync.OnceValue` |  | {@linkcode Lazy} |
 * | `Pool` | `Lwt_pool` | `sync.Pool` |  | {@linkcode ResourcePool} |
 * |  | `Lwt_throttle` | `rate.Limiter` |  | {@linkcode RateLimiter} |
 * |  | `Lwt_timeout` | `Timer.Reset` |  | {@linkcode IdleTimer} |
 * | `Time.sleep` | `Lwt_unix.sleep` | `time.Sleep` | `sleep` | {@linkcode Clock.sleep} |
 * | `Time.with_timeout`, `Timeout` | `with_timeout` | `context.WithTimeout` | `fail_after`, `move_on_after` | {@linkcode Fiber.withTimeout}, {@linkcode Timeout} |
 * |  | `Lwt_retry` |  |  | {@linkcode Fiber.retry} |
 * | `Stdenv` |  |  |  | {@linkcode Env}, {@linkcode realEnv} |
 * | `Path`, `cwd`, `fs` | `Lwt_io`, `files` | `os.Root` | `Path` | {@linkcode Dir} |
 * | `Process` | `Lwt_process` | `exec.CommandContext` | `run_process` | {@linkcode Processes} |
 * | Condition in a signal handler | `on_signal` | `signal.Notify` | `open_signal_receiver` | {@linkcode Signals} |
 * | `Net.listen`, `connect` | `open_connection` | `net.Listen`, `Dial` | `open_tcp_stream` | {@linkcode Net} |
 * | `Net.accept_fork`, `run_server` | `establish_server` | `http.Server.Shutdown` | `serve_tcp` | {@linkcode serveConnections} |
 * | `Buf_read` | `Lwt_io.input` | `bufio.Reader`, `Scanner` | `receive_some` | {@linkcode BufReader}, {@linkcode LineReader} |
 * | `Buf_write` | `Lwt_io.output` | `bufio.Writer` | `send_all` | {@linkcode BufWriter}, {@linkcode LineWriter}, {@linkcode withWriter} |
 * | `Flow.copy` |  | `io.Copy` |  | {@linkcode copy} |
 * | `Executor_pool`, `Domain_manager` | `detach`, `Lwt_domain` | a goroutine | `to_thread.run_sync` | {@linkcode WorkerPool} |
 * | `Eio_mock`, `Backend.run_full` |  | `synctest` | `MockClock`, `autojump` | {@linkcode fakeEnv}, {@linkcode runTest} |
 * | `Deadlock_detected` |  | all goroutines are asleep |  | {@linkcode DeadlockError} |
 * |  |  | the race detector |  | {@linkcode explore} |
 * | `Switch.dump` |  | a goroutine dump | the task tree | {@linkcode Switch.inspect}, {@linkcode formatTree} |
 * | `eio-trace` | `Lwt_runtime_events` | `runtime/trace` | `Instrument` | {@linkcode Observer}, {@linkcode Trace} |
 * | `traceln` | `Lwt_log` | `log/slog` |  | {@linkcode Log} |
 *
 * Read on at {@linkcode Switch}, then {@linkcode WorkerPool}, then {@linkcode runServer}. How to
 * write a job is told by {@linkcode defineJob}; a job file imports it from
 * `@switchyard/switchyard/job`.
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
  type ByteReceiver,
  type ByteSink,
  type ByteSource,
  byteSource,
  type CatchableSignal,
  type Clock,
  type Conn,
  connectAny,
  type ConnectAnyOptions,
  type ConnectEnv,
  type ConnectOptions,
  copy,
  type CopyOptions,
  type Delivery,
  type Dir,
  type DirEntry,
  DirError,
  type DirErrorCode,
  type DirWatcher,
  type Env,
  type ExitStatus,
  type FileInfo,
  type FileSink,
  type FileSource,
  formatAddress,
  type Grant,
  type InheritedAddress,
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
  type NextChangeOptions,
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
  type SecureRandom,
  seededRandom,
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
  type TlsClientOptions,
  type TlsIdentity,
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
  fakeSecureRandom,
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
  runJob,
  type RunJobOptions,
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
  formatRpcRequest,
  isInteger,
  type JobInfo,
  type LineReply,
  type Misunderstanding,
  openRpc,
  parseCommand,
  parseInteger,
  parseReply,
  parseRpc,
  REFUSAL_CODES,
  type RefusalCode,
  type Reply,
  ReplyParser,
  type ReplyParserOptions,
  type Request,
  RPC_ERROR_NUMBERS,
  type RpcError,
  type RpcErrorCode,
  type RpcFault,
  type RpcLine,
  type RpcMessage,
  type RpcOptions,
  type RpcRequest,
  type RpcVersion,
} from "./protocol/mod.ts";

// Cores: jobs on other threads, which can be stopped.
export {
  type CacheOptions,
  type ErrorRecord,
  type Grants,
  type Histogram,
  type Job,
  JobError,
  type JobGrant,
  type JobStats,
  JobStream,
  type LaneEnd,
  type LaneEndCounts,
  type LaneStats,
  type MemoryKind,
  mergeHistograms,
  type OnStuck,
  type Outcome,
  type OutcomeCounts,
  type OutcomeFigures,
  type OutcomeKind,
  type PlainData,
  PoolError,
  type PoolStats,
  quantileMs,
  type RefusalCode as PoolRefusalCode,
  type RefusalCounts,
  type RequestOptions,
  resultOf,
  type ReuseStats,
  type RunFigures,
  type RunStats,
  type ScopeStats,
  type Service,
  type ServiceContext,
  type Services,
  type ServicesOf,
  statsSince,
  type Stop,
  type StuckOptions,
  type SubmitOptions,
  Submitter,
  WorkerPool,
  type WorkerPoolOptions,
} from "./pool/mod.ts";

// Jobs: what a job file exports, and what is known of it without running it.
export {
  type AnswerOf,
  type ArgumentsOf,
  type CallByName,
  type Calls,
  type CallService,
  callsOf,
  type CallTyped,
  type Checked,
  type Chunks,
  chunks,
  defineJob,
  type FreePart,
  type InputIssue,
  type InputSchema,
  type Items,
  type JobContext,
  type JobDefinition,
  type JobEnv,
  type JobEnvPart,
  type JobItem,
  type JobLimits,
  type JobLog,
  type JobLogFields,
  type JobPriority,
  type JobRef,
  jobRef,
  type JobResult,
  type JobReturn,
  type Manifest,
  type PermissionRequest,
  type Progress,
  type Received,
  type RefTo,
  type ServiceInterface,
  type StandardProps,
  transfer,
  type Transferred,
} from "./job/mod.ts";

// The client: the other end of the wire.
export {
  CallError,
  type CallFigures,
  type CallOptions,
  Client,
  type ClientEnv,
  type ClientOptions,
  connect,
} from "./client/mod.ts";

// Who may use a server.
export { hashToken, type PrincipalLimits, type PrincipalSpec } from "./access/mod.ts";

// The server: all of the above, on a port.
export {
  type Endpoint,
  runServer,
  type Security,
  type ServerEnd,
  type ServerEnv,
  type ServerOptions,
} from "./server.ts";
