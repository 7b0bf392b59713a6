import { assert, assertEquals } from "@std/assert";
import { Cancelled, MultipleErrors, type Switch } from "../../src/switch/mod.ts";

/**
 * What a switch should do, told by counters and flags. The program under test reports to it each
 * thing in the moment before the switch learns of it, so that the two go in lockstep.
 */
export class ModelSwitch {
  /** The switch that is modelled; set when its body starts. */
  sw: Switch | undefined;
  isCancelled = false;
  isReleasing = false;
  isFinished = false;
  fibers = 0;
  daemons = 0;
  readonly releases: number[] = [];
  readonly #children = new Set<ModelSwitch>();
  readonly #errors = new Set<unknown>();
  #sawCancelled = false;
  #isBodyRunning = true;
  #isReleaseRunning = false;

  constructor(readonly parent: ModelSwitch | undefined, readonly isShielded: boolean) {
    if (parent !== undefined) parent.#children.add(this);
  }

  /** The switch and all below that have not finished. */
  *live(): Generator<ModelSwitch> {
    if (!this.isFinished) yield this;
    for (const child of this.#children) yield* child.live();
  }

  bodyEnds(): void {
    this.#isBodyRunning = false;
  }

  /** Law 3: joined oldest first, each once; a cancellation does not count beside an error. */
  fail(error: unknown): void {
    if (error instanceof MultipleErrors) error.errors.forEach((each) => this.#errors.add(each));
    else if (error instanceof Cancelled) this.#sawCancelled = true;
    else this.#errors.add(error);
    this.cancel();
  }

  /** Law 5: what a cancelled daemon says is no failure. */
  failDaemon(error: unknown): void {
    if (!(this.isCancelled && error instanceof Cancelled)) this.fail(error);
  }

  /** Law 4: down to every child, shielded ones aside. */
  cancel(): void {
    if (this.isCancelled || this.isFinished) return;
    this.isCancelled = true;
    for (const child of this.#children) if (!child.isShielded) child.cancel();
  }

  /** The switch says that it is cancelled. If we do not know yet, daemons must have been sent home. */
  noticeCancel(): void {
    if (this.isCancelled) return;
    const origin = this.#pathUp().find((each) => each.#hasOnlyDaemons);
    assert(origin !== undefined, "cancelled although nothing failed and fibers are left");
    origin.cancel();
    assert(this.isCancelled, "cancelled through a shield");
  }

  /** Law 2, and the half of law 1 that is about releases. */
  releaseStarts(id: number): void {
    assert(!this.#isReleaseRunning, "two releases at a time");
    if (!this.isReleasing) this.#assertNothingRuns("released");
    this.isReleasing = this.#isReleaseRunning = true;
    assertEquals(id, this.releases.pop(), "not last-in first-out");
  }

  releaseEnds(): void {
    this.#isReleaseRunning = false;
  }

  /** Laws 1 and 3, when `run` has settled. */
  finish(outcome: { readonly error: unknown } | undefined): void {
    this.#assertNothingRuns("finished");
    assertEquals(this.releases, [], "finished before its releases have run");
    assert(!this.#isReleaseRunning, "finished before its last release has ended");
    this.isFinished = true;
    this.#assertOutcome(outcome);
  }

  /** When all stands still: what the switch says of itself is what we know. */
  assertSettledState(): void {
    if (this.sw === undefined) return;
    const { state, fibers, daemons, releases } = this.sw.inspect();
    assertEquals(state, this.isCancelled ? "cancelling" : "on");
    assertEquals([fibers.length, daemons.length], [this.fibers, this.daemons]);
    assertEquals(releases, this.releases.length);
    assert(this.isCancelled || !this.#hasOnlyDaemons, "daemons keep the switch on");
  }

  get #hasOnlyDaemons(): boolean {
    const isRunning = this.#isBodyRunning || this.#isReleaseRunning;
    return !isRunning && this.fibers === 0 && this.daemons > 0;
  }

  /** Whether nothing of it is left, though the news may still be on its way to who awaits it. */
  get #isOver(): boolean {
    const isRunning = this.#isBodyRunning || this.#isReleaseRunning;
    const rest = this.fibers + this.daemons + this.releases.length;
    return !isRunning && rest === 0 && [...this.#children].every((child) => child.#isOver);
  }

  /** The contexts from which a cancellation can have come, the nearest first. */
  #pathUp(): ModelSwitch[] {
    const above = this.isShielded || this.parent === undefined ? [] : this.parent.#pathUp();
    return [this, ...above];
  }

  #assertNothingRuns(what: string): void {
    assert(!this.#isBodyRunning, `${what} while the body runs`);
    assertEquals([this.fibers, this.daemons], [0, 0], `${what} before its fibers have settled`);
    const isAlone = [...this.#children].every((child) => child.#isOver);
    assert(isAlone, `${what} before its children`);
  }

  #assertOutcome(outcome: { readonly error: unknown } | undefined): void {
    const expected = [...this.#errors];
    if (expected.length > 0) return assertEquals(membersOf(outcome?.error), expected);
    if (!this.#sawCancelled) return assertEquals(outcome, undefined);
    assert(outcome?.error instanceof Cancelled, "a fiber gave up, and nobody was told");
  }
}

function membersOf(error: unknown): unknown[] {
  return error instanceof MultipleErrors ? error.errors : [error];
}
