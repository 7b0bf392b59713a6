import type { Timer } from "../env/mod.ts";
import { atTurnsEnd, type Connection, type Task } from "../net/mod.ts";
import type { Job, Outcome } from "../pool/mod.ts";
import { isWish } from "../protocol/mod.ts";
import type { Cancelled, Switch } from "../switch/mod.ts";
import { Admission, type AdmissionOwner } from "./admission.ts";
import { type Arrival, Caller } from "./caller.ts";
import type { Dispatcher, DispatcherOptions } from "./dispatcher.ts";
import type { Host } from "./host.ts";
import { Intake, type IntakeOwner, type TakenLine } from "./intake.ts";
import { LineDesk } from "./line_desk.ts";
import { type Expectation, Patience, type PatienceOwner } from "./patience.ts";
import { type Refusal, tooSlow, whyCancelled } from "./refusals.ts";
import { Stint } from "./stint.ts";

/**
 * How long a drain listens for what was sent before it began, and is on its way, in milliseconds.
 */
const LAST_CALL_MS = 50;

/**
 * One connection: which of its lines are taken when, and when it is over.
 *
 * It moves in steps, one for whatever has happened since the last: lines have come, a job has ended,
 * there is room again. A step is a call and never waits, so that a connection that says nothing costs
 * nothing but its memory, and one that asks waits for no promise.
 */
export class Conversation implements Host, Task, AdmissionOwner, IntakeOwner, PatienceOwner {
  readonly #dispatcher: Dispatcher;
  readonly #options: DispatcherOptions;
  readonly #sw: Switch;
  readonly #connection: Connection;
  readonly #caller: Caller;
  readonly #admission: Admission;
  readonly #desk: LineDesk;
  readonly #intake: Intake;
  readonly #stint: Stint;
  readonly #conversed = Promise.withResolvers<void>();
  #patience: Patience | undefined = undefined;
  #isGreeted = false;
  #isOver = false;
  #isDue = false;
  #hasConversed = false;
  #wantsNews = false;
  #isLastCallOver = false;
  #lastCall: Timer | undefined = undefined;
  #failure: unknown = undefined;
  #allStopped: (() => void) | undefined = undefined;

  constructor(dispatcher: Dispatcher, sw: Switch, connection: Connection, arrival: Arrival) {
    this.#dispatcher = dispatcher;
    this.#options = dispatcher.options;
    this.#sw = sw;
    this.#connection = connection;
    this.#caller = new Caller(
      dispatcher,
      connection.remote,
      () => this.#admission.member(),
      arrival,
    );
    this.#admission = new Admission(dispatcher, this.#caller, this);
    this.#stint = new Stint(dispatcher.rota, () => this.run());
    this.#desk = new LineDesk(dispatcher, this.#caller, this, this.#stint);
    this.#intake = new Intake(connection, this);
    this.#admission.identify(arrival);
  }

  /** Answers every line, and ends the connection. */
  async hold(): Promise<void> {
    this.#sw.onCancel((reason) => this.#cancelJobs(reason));
    const draining = this.#dispatcher.onDrain(() => this.#drain());
    using _caller = this.#caller;
    using _stint = this.#stint;
    try {
      this.run();
      await this.#conversed.promise;
    } finally {
      draining.remove();
      this.#leave();
      if (this.#desk.jobs > 0) await new Promise<void>((resolve) => this.#allStopped = resolve);
    }
    await this.#connection.end();
  }

  send(text: string): void {
    this.#connection.writer.write(text);
  }

  room(): Promise<void> | undefined {
    const { writer } = this.#connection;
    return writer.isFull ? writer.ready() : undefined;
  }

  authenticate(token: string, answer: (refusal: Refusal | undefined) => void): void {
    this.#admission.authenticate(token, this.#desk.jobs > 0, answer);
  }

  owe(requests: number): void {
    this.#admission.owe(requests);
  }

  ended({ name }: Job, outcome: Outcome): void {
    if (this.#wantsNews) this.wake();
    if (this.#desk.jobs === 0) this.#allStopped?.();
    if (outcome.kind === "done") return;
    this.#dispatcher.outcomes.write(this.#connection.remote, name, outcome);
  }

  /** Takes no more lines, and says why if there is something to say; what is under way is answered. */
  finish(refusal?: Refusal): void {
    if (this.#isOver) return;
    if (refusal !== undefined) this.#desk.dismiss(refusal);
    this.#isOver = true;
    this.wake();
  }

  giveUp(what: Expectation, limitMs: number): void {
    this.finish(tooSlow(what, limitMs));
  }

  /** Takes the next step once the code that runs now has ended. */
  wake(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    atTurnsEnd(this);
  }

  receive(bytes: number): void {
    this.#stint.countRead(bytes);
    this.run();
  }

  failRead(error: unknown): void {
    this.#failure ??= error;
    this.wake();
  }

  /** Takes a step. */
  run(): void {
    this.#isDue = false;
    if (this.#hasConversed) return;
    try {
      this.#step();
    } catch (error) {
      this.#hasConversed = true;
      this.#conversed.reject(error);
    }
    this.#stint.leave();
  }

  /** Takes lines, reads on and looks what to wait for; it is over when all is answered. */
  #step(): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#takeLines();
    this.#desk.tookLines();
    this.#dispatcher.lull.consider();
    if (this.#isOver) {
      this.#desk.giveAllItems();
      if (this.#desk.underWay === 0 && !this.#caller.isHeld) return this.#end();
    }
    const isFull = this.#isFull();
    this.#wantsNews = this.#isOver || isFull;
    if (!this.#stint.isOver) this.#intake.readOn(this.#wantsNews || this.#intake.hasHeld);
    this.#intake.awaitRoom();
    this.#caller.queue(this.#intake.hasHeld);
    this.#expect(isFull);
  }

  #end(): void {
    this.#hasConversed = true;
    this.#connection.answered();
    this.#conversed.resolve();
  }

  /** Takes lines as long as there is room; it is over when there are none, and none will be read. */
  #takeLines(): void {
    if (!this.#isGreeted) this.#greet();
    while (!this.#isOver && !this.#stint.isOver) {
      if (this.#isFull()) return this.#takeWishes();
      const line = this.#intake.take();
      if (line !== undefined) {
        if (!this.#isInTime(line)) return this.#intake.hold(line);
        this.#desk.answer(line);
      } else if (this.#intake.hasEnded) this.#isOver = true;
      else if (this.#isLastCallOver) {
        this.#isOver = true;
        this.#desk.sayBye();
      } else return;
    }
  }

  /** Whether a line may be taken now, as far as rates go: a wish to cancel, or of a drain, always. */
  #isInTime(line: TakenLine): boolean {
    return this.#admission.takesAny || this.#options.draining.aborted ||
      typeof line === "string" && isWish(line) || this.#admission.takeTurn();
  }

  /**
   * Without room, looks one line ahead: a wish to cancel needs none, and whoever has asked for too
   * much has no other way to make some. Any other line waits, and those behind it.
   */
  #takeWishes(): void {
    const { writer } = this.#connection;
    if (this.#caller.isHeld) return;
    const most = 2 * this.#options.maxInFlight; // a wish has a reply, too
    while (!this.#intake.hasHeld && this.#desk.underWay < most && !writer.isFull) {
      if (this.#stint.isOver) return;
      const line = this.#intake.take();
      if (line === undefined) return;
      if (typeof line === "string" && isWish(line)) this.#desk.answer(line);
      else this.#intake.hold(line);
    }
  }

  #greet(): void {
    const { buffered } = this.#intake;
    if (buffered.length < 2) return;
    this.#isGreeted = true;
    this.#desk.greet(buffered);
  }

  #isFull(): boolean {
    return this.#desk.underWay >= this.#options.maxInFlight || this.#connection.writer.isFull ||
      this.#caller.isFull;
  }

  /** Has patience with the client: for each line afresh, but once for saying who it is. */
  #expect(isFull: boolean): void {
    const expected = this.#expected(isFull);
    if (this.#patience === undefined) {
      const { limits } = this.#dispatcher;
      if (expected === undefined || limits[expected] === Infinity) return;
      this.#patience = new Patience(this.#options.clock, limits, this);
    }
    this.#patience.expect(expected, expected === "name" ? 0 : this.#desk.lines);
  }

  /** What the client is waited for. */
  #expected(isFull: boolean): Expectation | undefined {
    if (this.#isOver || this.#options.draining.aborted) return undefined;
    if (!this.#caller.isAdmitted) return "name";
    if (this.#intake.hasHeld || isFull) return undefined;
    if (this.#intake.isInLine) return "line";
    return this.#desk.underWay === 0 ? "request" : undefined;
  }

  /** Says that the server drains, and listens a little longer for what is on its way. */
  #drain(): void {
    this.#desk.tellDraining();
    this.#lastCall = this.#options.clock.setTimer(LAST_CALL_MS, () => {
      this.#isLastCallOver = true;
      this.wake();
    });
  }

  /** Law 7: a connection that goes away cancels its requests. */
  #cancelJobs(reason: Cancelled): void {
    this.#desk.cancelAll(whyCancelled(reason));
    this.#failure ??= reason;
    this.wake();
  }

  #leave(): void {
    this.#lastCall?.cancel();
    this.#patience?.[Symbol.dispose]();
    this.#admission[Symbol.dispose]();
  }
}
