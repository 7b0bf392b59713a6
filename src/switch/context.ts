import { Cancelled } from "./cancelled.ts";
import { Link, List, type Registration } from "./list.ts";
import { type FiberObservation, SwitchObservation, WaitObservation } from "./observation.ts";
import type { Observer } from "./observer.ts";
import type { SwitchInfo, SwitchState } from "./switch_info.ts";
import type { WaitLabel } from "./wait_label.ts";

/** What a context belongs to, as far as the tree needs to know it. */
export interface ContextOwner {
  /** For messages; may be empty. */
  readonly name: string;

  /** It and all below, as plain data. */
  inspect(): SwitchInfo;
}

/** A function to be called on cancellation; with a label, somebody waits. */
class CancelCallback extends Link {
  constructor(
    readonly fn: (reason: Cancelled) => void,
    readonly what: WaitLabel | undefined,
    readonly fiber: FiberObservation | undefined,
  ) {
    super();
  }

  run(reason: Cancelled): void {
    this.fn(reason);
  }
}

/** A wait in a tree that is observed. */
class ObservedWait extends CancelCallback {
  readonly #observation: WaitObservation;

  constructor(
    fn: (reason: Cancelled) => void,
    what: WaitLabel,
    fiber: FiberObservation | undefined,
    sw: SwitchObservation,
  ) {
    super(fn, what, fiber);
    this.#observation = new WaitObservation(sw.observer, fiber ?? sw, what);
  }

  override run(reason: Cancelled): void {
    this.#observation.ended(true);
    super.run(reason);
  }

  override remove(): boolean {
    const isRemoved = super.remove();
    if (isRemoved) this.#observation.ended(false);
    return isRemoved;
  }
}

/** Where a signal of ours keeps the context that it speaks for. */
const contextKey = Symbol("context");

/** Where a signal keeps the fiber that it was given to, if the fiber is observed. */
const fiberKey = Symbol("fiber");

type OwnSignal = AbortSignal & {
  [contextKey]?: Context;
  [fiberKey]?: FiberObservation | undefined;
};

/** The context that made `signal`, or `undefined` for a signal from elsewhere. */
export function contextOf(signal: AbortSignal): Context | undefined {
  return (signal as OwnSignal)[contextKey];
}

/** The observed fiber that `signal` was given to, if there is one. */
export function fiberOf(signal: AbortSignal): FiberObservation | undefined {
  return (signal as OwnSignal)[fiberKey];
}

/**
 * A node in the tree of what can be cancelled. Law 4: a cancellation reaches every context below,
 * those aside that are shielded, and whatever is below them.
 *
 * It is light, as there is one for each switch; only {@linkcode Context.signal} makes an
 * `AbortController`.
 */
export class Context extends Link {
  readonly owner: ContextOwner;
  readonly isShielded: boolean;
  /** What the observer of the tree knows of it, if there is one. */
  readonly observation: SwitchObservation | undefined;
  /** Called when a child has finished. */
  onChildFinished: (() => void) | undefined = undefined;
  readonly #parent: Context | undefined;
  #state: SwitchState = "on";
  #reason: Cancelled | undefined = undefined;
  #children: List<Context> | undefined = undefined;
  #callbacks: List<CancelCallback> | undefined = undefined;
  #controller: AbortController | undefined = undefined;

  /**
   * Starts a context below `parent`, opened by its fiber `opener` if that is known. Throws the
   * parent's cancellation, unless it is to be shielded from it, and a `TypeError` when the parent
   * has finished. The parent's observer watches it too, unless it brings its own.
   */
  constructor(
    owner: ContextOwner,
    parent: Context | undefined,
    isShielded: boolean,
    observer: Observer | undefined = parent?.observation?.observer,
    opener?: FiberObservation,
  ) {
    super();
    this.owner = owner;
    this.isShielded = isShielded;
    this.#parent = parent;
    if (parent !== undefined) parent.#adopt(this);
    if (observer !== undefined) {
      const above = opener?.id ?? parent?.observation?.id;
      this.observation = new SwitchObservation(observer, owner.name, above);
    } else {
      this.observation = undefined;
    }
  }

  get state(): SwitchState {
    return this.#state;
  }

  /** Its owner in a message. */
  get title(): string {
    const { name } = this.owner;
    return name === "" ? "the switch" : `the switch ${JSON.stringify(name)}`;
  }

  /** Whether it was cancelled, or the context has finished after it was. */
  get isCancelled(): boolean {
    return this.#reason !== undefined;
  }

  /** Why it was cancelled. */
  get reason(): Cancelled | undefined {
    return this.#reason;
  }

  /** The contexts right below that have not finished, oldest first. */
  get children(): Iterable<Context> {
    return this.#children ?? [];
  }

  /** Whether no context below is left. */
  get isLeaf(): boolean {
    return this.#children === undefined || this.#children.size === 0;
  }

  /** The context as an `AbortSignal`, made when first read. */
  get signal(): AbortSignal {
    return (this.#controller ??= this.#makeController()).signal;
  }

  /**
   * A signal for one observed fiber, by which its waits are known. Give it back when the fiber has
   * ended: it goes to the next one then, since all signals of a context are aborted together, and
   * one that was forgotten in a listener must be aborted too.
   */
  lendSignal(fiber: FiberObservation): AbortSignal {
    const signal = this.observation?.spareSignals.pop() ?? this.#makeController().signal;
    (signal as OwnSignal)[fiberKey] = fiber;
    return signal;
  }

  /** Takes a signal back that was lent. */
  takeSignalBack(signal: AbortSignal): void {
    (signal as OwnSignal)[fiberKey] = undefined;
    this.observation?.spareSignals.push(signal);
  }

  /** What is waited for with the signals of the context, by fiber; without one where none is known. */
  get waits(): ReadonlyMap<FiberObservation | undefined, string[]> {
    const waits = new Map<FiberObservation | undefined, string[]>();
    for (const { what, fiber } of this.#callbacks ?? []) {
      if (what === undefined) continue;
      const waiter = fiber?.isRunning ? fiber : undefined;
      const known = waits.get(waiter);
      if (known === undefined) waits.set(waiter, [String(what)]);
      else known.push(String(what));
    }
    return waits;
  }

  /**
   * Cancels the context and all that are below and not shielded; a second time does nothing.
   * First each is marked, then their callbacks are called, of children before those of parents, so
   * that a callback never meets a context that does not know yet. Returns what callbacks threw.
   * An observer is told that it began with `by`.
   */
  cancel(cause: unknown, by: number = this.observation?.id ?? 0): unknown[] {
    if (this.#state !== "on") return [];
    const reason = Cancelled.from(cause);
    const contexts = this.#reach();
    for (const context of contexts) context.#mark(reason);
    for (const { observation } of contexts) observation?.cancelled(reason.cause ?? reason, by);
    const errors: unknown[] = [];
    for (const context of contexts) context.#runCallbacks(reason, errors);
    return errors;
  }

  /**
   * Calls `fn` when the context is cancelled; at once where it is, or has finished. With a label,
   * `fiber` or somebody else waits for `what` until the registration is removed.
   */
  onCancel(
    fn: (reason: Cancelled) => void,
    what?: WaitLabel,
    fiber?: FiberObservation,
  ): Registration {
    if (this.#state === "on") {
      return (this.#callbacks ??= new List()).push(this.#makeCallback(fn, what, fiber));
    }
    fn(this.#reason ??= new Cancelled(this.finishedError("wait")));
    return NOTHING_TO_REMOVE;
  }

  /** Leaves the tree. From here on nothing can be started below, and nothing is called back. */
  finish(): void {
    this.#state = "finished";
    this.#callbacks = undefined;
    this.remove();
    this.#parent?.onChildFinished?.();
  }

  /** The error for an `action` that comes too late. */
  finishedError(action: string): TypeError {
    return new TypeError(`Cannot ${action}: ${this.title} has finished`);
  }

  #makeCallback(
    fn: (reason: Cancelled) => void,
    what: WaitLabel | undefined,
    fiber: FiberObservation | undefined,
  ): CancelCallback {
    return what === undefined || this.observation === undefined
      ? new CancelCallback(fn, what, fiber)
      : new ObservedWait(fn, what, fiber, this.observation);
  }

  #adopt(child: Context): void {
    if (this.#state === "finished") throw this.finishedError("run a switch below");
    if (this.#reason !== undefined && !child.isShielded) throw this.#reason;
    (this.#children ??= new List()).push(child);
  }

  /** What a cancellation reaches from here: children before parents, in the order of their start. */
  #reach(): Context[] {
    const reached: Context[] = [];
    const pending: Context[] = [this]; // not by recursion: a tree may be deeper than the stack
    for (let context = pending.pop(); context !== undefined; context = pending.pop()) {
      reached.push(context);
      for (const child of context.children) {
        if (child.#state === "on" && !child.isShielded) pending.push(child);
      }
    }
    return reached.reverse();
  }

  #mark(reason: Cancelled): void {
    this.#state = "cancelling";
    this.#reason = reason;
  }

  #runCallbacks(reason: Cancelled, errors: unknown[]): void {
    for (let next = this.#callbacks?.shift(); next !== undefined; next = this.#callbacks?.shift()) {
      try {
        next.run(reason);
      } catch (error) {
        errors.push(error);
      }
    }
  }

  #makeController(): AbortController {
    const controller = new AbortController();
    (controller.signal as OwnSignal)[contextKey] = this;
    this.onCancel((reason) => controller.abort(reason));
    return controller;
  }
}

/** For a callback that was called at once. */
const NOTHING_TO_REMOVE: Registration = { remove: () => false };
