import type { Clock, Warden } from "../../env/mod.ts";
import type { FromLane, TestLoop } from "../link/mod.ts";

/** How long a loop burns before it is killed, in milliseconds: long enough to be optimised. */
const BURN_MS = 60;

/** What the self-test found out. */
export interface SelfTest {
  /** Whether every loop was killed, and seen dead. */
  readonly passed: boolean;
  /** In words, with the milliseconds that each kill took. */
  readonly finding: string;
}

/**
 * Proves that busy threads can be killed here: it lets two of them burn, one in a loop that every
 * kill must stop, one in a loop that is only stopped with the V8 flag that the tasks set.
 */
export async function testKills(warden: Warden, clock: Clock): Promise<SelfTest> {
  const loops: readonly TestLoop[] = ["empty", "allocating"];
  const findings = await Promise.all(loops.map((loop) => testKill(warden, clock, loop)));
  return {
    passed: findings.every(({ verified }) => verified),
    finding: findings.map(({ verified, ms }, i) =>
      verified
        ? `${loops[i]} loop killed in ${Math.ceil(ms)} ms`
        : `${loops[i]} loop NOT killed within ${Math.round(ms)} ms`
    ).join(", "),
  };
}

async function testKill(warden: Warden, clock: Clock, loop: TestLoop) {
  const thread = await warden.start(0);
  const burning = Promise.withResolvers<void>();
  thread.onMessage((message) => {
    if ((message as FromLane).type === "testing") burning.resolve();
  });
  thread.post({ type: "test", loop });
  await burning.promise;
  await clock.sleep(BURN_MS);
  return await thread.kill();
}
