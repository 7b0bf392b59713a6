/** One turn of the event loop: whatever could go on has gone on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** What `promise` rejects with. Throws if it does not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("Cannot get the rejection: the promise was resolved");
}

/** How `promise` stands after a turn of the event loop. */
export async function stateOf(
  promise: Promise<unknown>,
): Promise<"open" | "resolved" | "rejected"> {
  let state: "open" | "resolved" | "rejected" = "open";
  promise.then(() => state = "resolved", () => state = "rejected");
  await turn();
  return state;
}

/** A signal that counts its listeners. */
export function countedSignal(): CountedSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
    listeners.add(listener);
    add(type, listener);
  };
  signal.removeEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
    listeners.delete(listener);
    remove(type, listener);
  };
  return { controller, signal, listeners };
}

/** What {@linkcode countedSignal} makes. */
export interface CountedSignal {
  readonly controller: AbortController;
  readonly signal: AbortSignal;
  readonly listeners: ReadonlySet<unknown>;
}
