import { Cancelled, describeError, isAbortError } from "./cancelled.ts";
import { Context, contextOf, fiberOf } from "./context.ts";
import { Failures } from "./failures.ts";
import { callFiber, type FiberFunction, nameOf } from "./fiber_function.ts";
import { Link, List, type Registration } from "./list.ts";
import { LeakWatch } from "./leak_report.ts";
import { FiberObservation } from "./observation.ts";
import { onAbort } from "./on_abort.ts";
import { formatTree } from "./switch_tree.ts";
import type { FiberInfo, FiberKind, SwitchInfo } from "./switch_info.ts";
import type { ChildSwitchOptions, SwitchOptions } from "./switch_options.ts";
import type { WaitLabel } from "./wait_label.ts";

/**
 * A lifetime: fibers run and resources are held in it, and none of them outlives it.
 *
 * Whoever starts work that goes on after a function has returned needs a switch to start it in. A
 * function that needs one for itself opens it with {@linkcode Switch.run}; only one whose work or
 * resources outlive its call takes the caller's. The room's page lists the laws that hold.
 *
 * Also known as a nursery, a task group or a bundle.
 *
 * @example
 * ```ts
 * import { Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 * const answer = await Switch.run(async (sw) => {
 *   sw.onRelease(() => void log.push("released"));
 *   sw.fork(async () => {
 *     await Promise.resolve();
 *     log.push("fiber ended");
 *   });
 *   log.push("body ended");
 *   return 42;
 * });
 * assertEquals(answer, 42);
 * assertEquals(log, ["body ended", "fiber ended", "released"]);
 * ```
 */
export class Switch {
  /** The name given to `run`, or an empty string. */
  readonly name: string;

  readonly #context: Context;
  readonly #fibers = new List<Fiber>();
  #daemons: List<Fiber> | undefined = undefined;
  #releases: List<Release> | undefined = undefined;
  /** Which release runs, from 1; 0 when all have, `undefined` before their time. */
  #runningRelease: number | undefined = undefined;
  #failures: Failures | undefined = undefined;
  /** Ends the wait of `#change`. */
  #wake: (() => void) | undefined = undefined;

  private constructor(parent: Context | undefined, options: SwitchOptions) {
    const { name = "", protect = false, observer, signal } = options;
    this.name = name;
    this.#context = new Context(this, parent, protect, observer, signal && fiberOf(signal));
  }

  /**
   * Runs `fn` with a new switch and returns what it returned, after every fiber of the switch has
   * settled and every release has run. Throws what went wrong: the error itself where it is one,
   * {@linkcode MultipleErrors} where there are several, {@linkcode Cancelled} where the switch was
   * cancelled and something in it gave up for that reason.
   *
   * With a signal that is aborted already it throws {@linkcode Cancelled} at once and does not call
   * `fn`. One that is aborted later cancels the switch; when `fn` nevertheless returns a value and
   * no fiber gave up, `run` returns that value.
   */
  static run<T>(fn: (sw: Switch) => T | Promise<T>, options: SwitchOptions = {}): Promise<T> {
    const { signal, protect = false } = options;
    const parent = signal && contextOf(signal);
    if (parent !== undefined) return handled(Switch.#run(fn, parent, options));
    return Switch.#run(fn, undefined, options, protect ? undefined : signal);
  }

  /**
   * Runs `fn` with a switch below this one, and is otherwise like {@linkcode Switch.run}. This
   * switch does not finish before its children, awaited or not; but an error of a child comes here
   * only by being awaited.
   */
  run<T>(fn: (sw: Switch) => T | Promise<T>, options: ChildSwitchOptions = {}): Promise<T> {
    return handled(Switch.#run(fn, this.#context, options));
  }

  /** Law 1, as steps. */
  static async #run<T>(
    fn: (sw: Switch) => T | Promise<T>,
    parent: Context | undefined,
    options: SwitchOptions,
    foreign?: AbortSignal,
  ): Promise<T> {
    if (foreign?.aborted) throw Cancelled.from(foreign.reason);
    const sw = new Switch(parent, options);
    const link = foreign && onAbort(foreign, (reason) => sw.#cancel(reason));
    const leaks = options.leaks && new LeakWatch(sw, options.leaks);
    let value: T | undefined;
    try {
      value = await fn(sw);
    } catch (error) {
      sw.#fail(error);
    }
    leaks?.bodyEnded();
    await sw.#close();
    leaks?.finished();
    link?.remove();
    sw.#failures?.throwIfAny();
    return value as T; // the body returned it, or there is a failure
  }

  /**
   * The signal that is aborted when the switch is cancelled, with the {@linkcode Cancelled} as its
   * reason. It is made when first read; after the switch has finished, that gives an aborted one.
   */
  get signal(): AbortSignal {
    return this.#context.signal;
  }

  /** What {@linkcode Switch.check} would throw: a `Cancelled`, or a `TypeError` when finished. */
  get error(): Error | undefined {
    if (this.#context.state === "finished") return this.#context.finishedError("go on");
    return this.#context.reason;
  }

  /** Throws {@linkcode Cancelled} when the switch is cancelled, a `TypeError` when finished. */
  check(): void {
    const error = this.error;
    if (error !== undefined) throw error;
  }

  /**
   * Turns the switch off: joins `error` to what `run` will throw, cancels all that runs in the
   * switch, and returns at once. Throws a `TypeError` when the switch has finished.
   */
  fail(error: unknown): void {
    this.#checkNotFinished("fail");
    this.#fail(error);
  }

  /**
   * Starts a fiber: calls `fn` now, up to its first wait, and goes on. The switch waits for it, and
   * fails with its error. On a cancelled switch nothing is started; on a finished one this throws
   * a `TypeError`.
   *
   * `fn` is given the switch's signal, if it declares a parameter.
   */
  fork(fn: FiberFunction<unknown>): void {
    if (this.#isOn("fork")) {
      this.#runFiber(this.#fibers, startFiber(this.#context, "fork", nameOf(fn)), fn);
    }
  }

  /**
   * Starts a fiber as {@linkcode Switch.fork} does, and returns what it will return. Its error goes
   * to whoever awaits that, and to nobody else. On a cancelled switch nothing is started and the
   * promise is rejected with {@linkcode Cancelled}.
   */
  forkPromise<T>(fn: FiberFunction<T>): Promise<T> {
    const isOn = this.#isOn("fork");
    return handled(isOn ? this.#runPromise(fn) : Promise.reject(this.#context.reason));
  }

  /**
   * Starts a fiber that does not keep the switch on: when only daemons are left, they are cancelled,
   * and waited for. That a daemon gives up when it is cancelled is no failure; any other error of
   * it is. Otherwise as {@linkcode Switch.fork}.
   *
   * @example
   * ```ts
   * import { Fiber, Switch } from "@switchyard/switchyard";
   * import { assertEquals } from "@std/assert";
   *
   * let isStopped = false;
   * await Switch.run((sw) => {
   *   sw.forkDaemon(async (signal) => {
   *     try {
   *       await Fiber.awaitCancel(signal);
   *     } finally {
   *       isStopped = true;
   *     }
   *   });
   * });
   * assertEquals(isStopped, true);
   * ```
   */
  forkDaemon(fn: FiberFunction<unknown>): void {
    if (!this.#isOn("fork")) return;
    this.#runFiber(
      this.#daemons ??= new List(),
      startFiber(this.#context, "daemon", nameOf(fn)),
      fn,
    );
  }

  /**
   * Runs `fn` when the switch ends, after all its fibers, before the releases that were added
   * earlier. Nothing cancels a release; what it throws is joined to the failures, and the others
   * still run. It may fork fibers, which are waited for, if the switch is not cancelled.
   *
   * When releases have begun to run it is too late: `fn` is called now, and a `TypeError` is thrown.
   * Its `cause` is what `fn` threw. A promise returned so late is waited for by a switch that is not
   * finished yet; after that nobody is left to whom its error could go.
   */
  onRelease(fn: () => unknown): Registration {
    if (this.#runningRelease !== undefined) this.#releaseTooLate(fn);
    return (this.#releases ??= new List()).push(new Release(fn));
  }

  /**
   * Returns `resource`, which is disposed of when the switch ends, as by
   * {@linkcode Switch.onRelease}.
   *
   * @example
   * ```ts
   * import { Semaphore, Switch } from "@switchyard/switchyard";
   * import { assertEquals } from "@std/assert";
   *
   * const semaphore = new Semaphore(1);
   * await Switch.run(async (sw) => {
   *   sw.use(await semaphore.acquire({ signal: sw.signal }));
   *   assertEquals(semaphore.available, 0);
   * });
   * assertEquals(semaphore.available, 1);
   * ```
   */
  use<R extends Disposable | AsyncDisposable>(resource: R): R {
    this.onRelease(() => dispose(resource));
    return resource;
  }

  /**
   * Calls `fn` when the switch is cancelled, before `fail` returns; at once if it is cancelled or
   * finished already. It must not wait. It costs less than a listener on
   * {@linkcode Switch.signal}; remove it when the wait that it ends is over. `what` is waited for,
   * as in {@linkcode onAbort}.
   */
  onCancel(fn: (reason: Cancelled) => void, what?: WaitLabel): Registration {
    return this.#context.onCancel(fn, what);
  }

  /**
   * The switch and all below it, as plain data: what runs, what it waits for, what went wrong; with
   * an {@linkcode Observer}, also for how long. `Deno.inspect` and `console.log` show it as a tree.
   */
  inspect(): SwitchInfo {
    const { state, reason, isShielded, children, observation, waits } = this.#context;
    const fiberInfos = (fibers: Iterable<Fiber>) =>
      Array.from(fibers, (fiber) => fiberInfo(fiber, waits));
    return {
      name: this.name,
      state,
      protected: isShielded,
      ...observation?.ages,
      waitsFor: [...waits.get(undefined) ?? [], ...this.#releaseInfo()],
      fibers: fiberInfos(this.#fibers),
      daemons: fiberInfos(this.#daemons ?? []),
      releases: this.#releases?.size ?? 0,
      ...(state === "cancelling" && { error: describeError(reason?.cause ?? reason) }),
      children: Array.from(children, (child) => child.owner.inspect()),
    };
  }

  /** The tree for people, as `Deno.inspect` and `console.log` show it. */
  [Symbol.for("Deno.customInspect")](): string {
    return formatTree(this.inspect());
  }

  async #runFiber(
    group: List<Fiber>,
    fiber: Fiber,
    fn: FiberFunction<unknown>,
  ): Promise<void> {
    group.push(fiber);
    try {
      await callFiber(fn, fiber.observation ?? this);
    } catch (error) {
      fiber.observation?.threw(error);
      // Law 5: a cancelled daemon has done what was asked of it.
      if (fiber.kind !== "daemon" || !this.#isCancellation(error)) this.#fail(error, fiber);
    } finally {
      fiber.settle();
      this.#wakeIfQuiet();
    }
  }

  async #runPromise<T>(fn: FiberFunction<T>): Promise<T> {
    const fiber = this.#fibers.push(startFiber(this.#context, "promise", nameOf(fn)));
    try {
      return await callFiber(fn, fiber.observation ?? this);
    } catch (error) {
      fiber.observation?.threw(error);
      throw error;
    } finally {
      fiber.settle();
      this.#wakeIfQuiet();
    }
  }

  /** Waits for all that runs, releases all that is held, and leaves the tree. */
  async #close(): Promise<void> {
    while (!this.#isIdle) await this.#change();
    this.#runningRelease = 0;
    for (let next = this.#releases?.pop(); next !== undefined; next = this.#releases?.pop()) {
      this.#runningRelease++;
      await this.#release(next);
    }
    this.#runningRelease = 0;
    while (!this.#isIdle) await this.#change(); // a release may have forked fibers
    this.#context.finish();
    this.#context.observation?.ended(this.#failures?.joined);
  }

  /** Law 2. As nothing cancels a release, its `AbortError` is a failure like any other. */
  async #release({ fn }: Release): Promise<void> {
    this.#context.observation?.releaseBegins();
    try {
      await fn();
    } catch (error) {
      this.#join(error);
      this.#cancel(error);
    } finally {
      this.#context.observation?.releaseEnds();
    }
  }

  /** The release that runs, if one does. */
  #releaseInfo(): string[] {
    const nth = this.#runningRelease ?? 0;
    return nth === 0 ? [] : [`release ${nth} of ${nth + (this.#releases?.size ?? 0)}`];
  }

  #releaseTooLate(fn: () => unknown): never {
    const tooLate = `Cannot add a release: ${this.#context.title} has finished`;
    try {
      void this.#runLate(fn());
    } catch (cause) {
      throw new TypeError(tooLate, { cause });
    }
    throw new TypeError(tooLate);
  }

  /** Keeps the switch, if it is not finished, until a late release is. */
  async #runLate(result: unknown): Promise<void> {
    const fiber = this.#fibers.push(startFiber(this.#context, "fork", "release"));
    try {
      await result;
    } catch (error) {
      if (this.#context.state !== "finished") this.#fail(error, fiber);
    } finally {
      fiber.settle();
      this.#wakeIfQuiet();
    }
  }

  /** Whether nothing runs in the switch, the body aside. */
  get #isIdle(): boolean {
    return this.#fibers.size === 0 && this.#daemonCount === 0 && this.#context.isLeaf;
  }

  get #daemonCount(): number {
    return this.#daemons?.size ?? 0;
  }

  /** Waits until something may be different, and sends the daemons home if only they are left. */
  #change(): Promise<void> {
    if (this.#fibers.size === 0 && this.#daemonCount > 0) this.#cancel(ONLY_DAEMONS_LEFT);
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#context.onChildFinished = () => this.#wakeIfQuiet();
    });
  }

  /** While a fiber is left, the end of another changes nothing. */
  #wakeIfQuiet(): void {
    if (this.#fibers.size === 0) this.#wake?.();
  }

  /** Whether a fiber can be started. Throws when the switch has finished. */
  #isOn(action: string): boolean {
    this.#checkNotFinished(action);
    return !this.#context.isCancelled;
  }

  #checkNotFinished(action: string): void {
    if (this.#context.state === "finished") throw this.#context.finishedError(action);
  }

  #fail(error: unknown, by?: Fiber): void {
    this.#join(this.#isCancellation(error) ? this.#context.reason : error);
    this.#cancel(error, by);
  }

  #join(error: unknown): void {
    (this.#failures ??= new Failures()).add(error);
  }

  /** Law 4. What the callbacks throw is ours to report, from however deep it comes. */
  #cancel(cause: unknown, by?: Fiber): void {
    for (const error of this.#context.cancel(cause, by?.observation?.id)) this.#join(error);
  }

  /**
   * Whether `error` is only the answer to our cancellation. The platform and other libraries make
   * an `AbortError` of their own; before we are cancelled, such a one is a failure like any other.
   */
  #isCancellation(error: unknown): boolean {
    return this.#context.isCancelled && isAbortError(error);
  }
}

/** Why daemons are cancelled. */
const ONLY_DAEMONS_LEFT = "all fibers of the switch have ended";

/** A fiber that has not settled. */
class Fiber extends Link {
  constructor(
    readonly kind: FiberKind,
    readonly name: string,
    readonly observation: FiberObservation | undefined,
  ) {
    super();
  }

  settle(): void {
    this.remove();
    this.observation?.ended();
  }
}

/** A release that has not been run. */
class Release extends Link {
  constructor(readonly fn: () => unknown) {
    super();
  }
}

function startFiber(context: Context, kind: FiberKind, name: string): Fiber {
  const sw = context.observation;
  return new Fiber(kind, name, sw && new FiberObservation(context, sw, name, kind));
}

function fiberInfo({ name, kind, observation }: Fiber, waits: Context["waits"]): FiberInfo {
  return {
    name,
    kind,
    waitsFor: observation && waits.get(observation) || [],
    ...observation?.ages,
  };
}

/** The promise itself, whose rejection is no longer reported when nobody awaits it. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function dispose(resource: Disposable | AsyncDisposable): unknown {
  return Symbol.asyncDispose in resource
    ? resource[Symbol.asyncDispose]()
    : resource[Symbol.dispose]();
}
