import type { Switch } from "../switch/mod.ts";

/** What is closed once, by hand or by the end of its switch. */
export interface Closable {
  close(): void;
  /** Called once, when it closes. */
  onClose: (() => void) | undefined;
}

/** Closes `resource` when `sw` ends, unless it was closed before, and returns it. */
export function closeWith<R extends Closable>(sw: Switch, resource: R): R {
  const hook = sw.onRelease(() => resource.close());
  resource.onClose = () => void hook.remove();
  return resource;
}
