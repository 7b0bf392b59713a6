import { Cancelled } from "./cancelled.ts";
import { Link, List, type Registration } from "./list.ts";
import type { SwitchInfo, SwitchState } from "./switch_info.ts";

/** What a context belongs to, as far as the tree needs to know it. */
export interface ContextOwner {
  /** For messages; may be empty. */
  readonly name: string;

  /** It and all below, as plain data. */
  inspect(): SwitchInfo;
}

/** A function to be called on cancellation. */
class CancelCallback extends Link {
  constructor(readonly fn: (reason: Cancelled) => void) {
    super();
  }
}

/** Where a signal of ours keeps the context that it speaks for. */
const contextKey = Symbol("context");

type OwnSignal = AbortSignal & { [contextKey]?: Context };

/** The context that made `signal`, or `undefined` for a signal from elsewhere. */
export function contextOf(signal: AbortSignal): Context | undefined {
  return (signal as OwnSignal)[contextKey];
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
  /** Called when a child has finished. */
  onChildFinished: (() => void) | undefined = undefined;
  readonly #parent: Context | undefined;
  #state: SwitchState = "on";
  #reason: Cancelled | undefined = undefined;
  #children: List<Context> | undefined = undefined;
  #callbacks: List<CancelCallback> | undefined = undefined;
  #controller: AbortController | undefined = undefined;

  /**
   * Starts a context below `parent`. Throws the parent's cancellation, unless it is to be shielded
   * from it, and a `TypeError` when the parent has finished.
   */
  constructor(owner: ContextOwner, parent: Context | undefined, isShielded: boolean) {
    super();
    this.owner = owner;
    this.isShielded = isShielded;
    this.#parent = parent;
    if (parent !== undefined) parent.#adopt(this);
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
   * Cancels the context and all that are below and not shielded; a second time does nothing.
   * First each is marked, then their callbacks are called, of children before those of parents, so
   * that a callback never meets a context that does not know yet. Returns what callbacks threw.
   */
  cancel(cause: unknown): unknown[] {
    if (this.#state !== "on") return [];
    const reason = Cancelled.from(cause);
    const contexts = this.#reach();
    for (const context of contexts) context.#mark(reason);
    const errors: unknown[] = [];
    for (const context of contexts) context.#runCallbacks(reason, errors);
    return errors;
  }

  /** Calls `fn` when the context is cancelled; at once where it is, or has finished. */
  onCancel(fn: (reason: Cancelled) => void): Registration {
    const callback = new CancelCallback(fn);
    if (this.#state === "on") (this.#callbacks ??= new List()).push(callback);
    else fn(this.#reason ??= new Cancelled(this.finishedError("wait")));
    return callback;
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
        next.fn(reason);
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
