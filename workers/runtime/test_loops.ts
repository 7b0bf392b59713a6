import type { TestLoop } from "../../src/pool/link/mod.ts";

/** Where a loop leaves what it made, so that it is not optimised away. */
export let made: unknown;

/**
 * Burns CPU, deaf to all but a kill: the self-test proves at start-up that it can be killed. The
 * loops end after some seconds, so that where the proof fails no core burns on.
 */
export function burn(loop: TestLoop): void {
  switch (loop) {
    case "empty":
      for (let i = 0; i < 1e10; i++);
      return;
    case "allocating":
      // Without --no-turboshaft-loop-unrolling V8 drops the stack check from a loop like this one,
      // and no kill reaches it.
      for (let i = 0; i < 1e8; i++) made = new Array(100).fill(1);
      return;
  }
}
