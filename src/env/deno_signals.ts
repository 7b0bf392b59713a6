import { SignalInbox } from "./signal_inbox.ts";
import type { Signals } from "./signals.ts";

/** The longest delay of the platform's timers. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The signals that are sent to this process. */
export function denoSignals(): Signals {
  return {
    on(sw, names) {
      sw.check();
      const inbox = new SignalInbox(sw);
      for (const name of new Set(names)) {
        const listener = () => inbox.deliver(name);
        Deno.addSignalListener(name, listener);
        sw.onRelease(() => Deno.removeSignalListener(name, listener));
      }
      // The platform's listeners do not keep the program alive, which may have nothing else to do
      // than to wait for a signal; a timer does.
      const alive = setInterval(() => {}, MAX_DELAY_MS);
      sw.onRelease(() => clearInterval(alive));
      return inbox;
    },
  };
}
