import type { Clock, Timer } from "./clock.ts";
import { sleepOn } from "./sleep.ts";

/** The longest delay that the platform's timers know; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The machine's clock and timers. */
export function denoClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    setTimer,
    sleep: (ms, options) => sleepOn(setTimer, ms, options?.signal),
  };
}

function setTimer(ms: number, fn: () => void): Timer {
  let remaining = ms > 0 ? ms : 0; // NaN too is zero
  let id: ReturnType<typeof setTimeout>;
  const arm = () => {
    const delay = Math.min(remaining, MAX_DELAY_MS);
    remaining -= delay;
    id = setTimeout(() => remaining > 0 ? arm() : fn(), delay);
  };
  arm();
  return { cancel: () => clearTimeout(id) };
}
