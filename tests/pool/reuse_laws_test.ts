import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { HandPool, type HandRequest } from "./hand_pool.ts";

const TTL_MS = 60;

/** What happens, in which order; `n` chooses to whom. */
const events = fc.array(
  fc.record({
    what: fc.constantFrom(
      ...["submit", "submit", "submit", "submit", "finish", "finish", "fail", "cancel", "cancel"],
      ...["time", "time", "crash", "settle", "settle", "heed", "ignore", "killsFail", "killsTake"],
    ),
    n: fc.nat({ max: 1_000 }),
  }),
  { maxLength: 60 },
);

/** The result of every run: what it ran on, and when it ended. */
interface Stamped {
  readonly input: unknown;
  readonly atMs: number;
}

/** A pool whose requests are often the same, to which anything may happen. */
class Sharing {
  readonly requests: HandRequest[] = [];
  readonly #hand: HandPool;

  constructor(hand: HandPool) {
    this.#hand = hand;
  }

  get open(): readonly HandRequest[] {
    return this.requests.filter(({ outcome }) => outcome === undefined);
  }

  async happen(what: string, n: number): Promise<void> {
    const { clock, threads, pool } = this.#hand;
    const request = this.requests[n % this.requests.length];
    if (what === "submit") this.submit("abc"[n % 3]!, n);
    else if (what === "finish") this.finish(n);
    else if (what === "fail") this.#fail(n);
    else if (what === "cancel" && request) pool.cancel(request, "chaos");
    else if (what === "crash") threads.alive[n % threads.alive.length]?.crash("chaos");
    else if (what === "time") clock.tick(n % 80);
    else if (what === "settle") await this.#checkRuns();
    else if (what === "heed") this.#hand.heeds = true;
    else if (what === "ignore") this.#hand.heeds = false;
    else if (what === "killsFail") threads.killsTake = false;
    else if (what === "killsTake") threads.killsTake = true;
  }

  submit(input: string, n: number): HandRequest {
    const limits = { deadlineMs: 1 + n % 300, graceMs: n % 3 * 20 };
    const request = this.#hand.submit(n % 2 === 0 ? input : { value: [input] }, limits);
    this.requests.push(request);
    const { outcome } = request;
    if (outcome?.reuse === "cached") this.#checkAge(outcome);
    return request;
  }

  finish(n: number): void {
    const [run] = this.#hand.runs.splice(n % this.#hand.runs.length, 1);
    const atMs = this.#hand.clock.monotonic();
    run?.end({ kind: "done", result: { input: run.input, atMs } });
  }

  #fail(n: number): void {
    const [run] = this.#hand.runs.splice(n % this.#hand.runs.length, 1);
    run?.end({ kind: "failed", error: { name: "Error", message: "chaos" } });
  }

  #checkAge(outcome: { readonly kind: string; readonly result?: unknown }): void {
    const { atMs } = outcome.result as Stamped;
    assert(this.#hand.clock.monotonic() - atMs < TTL_MS, "a result is stale");
  }

  /** Every run is somebody's: one whose sharers have all left is under way no more. */
  async #checkRuns(): Promise<void> {
    await this.#hand.clock.settle();
    const sharing = this.open.filter(({ place }) => place === "sharing");
    const runs = new Set(sharing.map(({ shared }) => shared));
    const { lanes, reuse } = this.#hand.pool.stats();
    assert(lanes.busy <= runs.size, "a run is nobody's");
    assert(reuse.sharing <= sharing.length && reuse.sharing >= sharing.length - runs.size);
  }

  async endAll(): Promise<void> {
    this.#hand.threads.killsTake = true;
    for (let i = 0; i < 1_000 && this.open.length > 0; i++) {
      while (this.#hand.runs.length > 0) this.finish(0);
      await this.#hand.clock.settle();
      this.#hand.clock.tick(100);
    }
  }

  checkOutcomes(): void {
    for (const { input, outcomes, shared } of this.requests) {
      assertEquals(outcomes.length, 1);
      const [outcome] = outcomes;
      if (outcome!.kind === "done") assertEquals((outcome!.result as Stamped).input, input);
      assert(outcome!.reuse !== "shared" || shared !== undefined);
    }
    const ownRuns = this.requests.filter(({ outcome }) => outcome!.lane > 0 && !outcome!.reuse);
    assert(this.#hand.begun.length <= ownRuns.length, "there are more runs than without sharing");
  }
}

Deno.test("Laws 7, 8 and 9 hold for requests that share runs and results, whatever happens", async () => {
  await fc.assert(
    fc.asyncProperty(events, fc.boolean(), async (events, caches) => {
      const cache = caches ? { cache: { ttlMs: TTL_MS, maxEntries: 2 } } : {};
      await HandPool.run({ cores: 2, maxQueue: 8, ...cache }, async (hand) => {
        const sharing = new Sharing(hand);
        for (const { what, n } of events) {
          await sharing.happen(what, n);
        }
        await sharing.endAll();
        sharing.checkOutcomes();
        const { outcomes, reuse, queued } = hand.pool.stats();
        assertEquals(Object.values(outcomes).reduce((a, b) => a + b), sharing.requests.length);
        assertEquals([reuse.sharing, queued], [0, 0]);

        // What has ended can be joined by no one.
        hand.clock.tick(TTL_MS);
        const fresh = [0, 1, 2, 3, 4, 5].map((n) => sharing.submit("abc"[n % 3]!, 294 + n));
        assertEquals(new Set(fresh.map(({ shared }) => shared)).size, fresh.length);
        await sharing.endAll();
        sharing.checkOutcomes();
      });
    }),
    { numRuns: 150 },
  );
});
