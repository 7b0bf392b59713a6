import type { Clock, Log, Thread, ThreadEnd, Timer, Warden } from "../../env/mod.ts";
import { type LaneEvents, PoolLane } from "./lane.ts";
import { type JobCode, type JobFile, SLOTS_BYTES } from "../link/mod.ts";

/** How long a lane may take to load its job files, in milliseconds. */
const LOAD_MS = 10_000;

/** The pause before a lane is started again after its start failed, and the longest. In milliseconds. */
const RESTART_MS = 100;
const MAX_RESTART_MS = 10_000;

/** What a {@linkcode LaneStarter} needs, and whom it tells. */
export interface StarterOwner extends LaneEvents {
  readonly clock: Clock;
  readonly log: Log;
  /** A lane has loaded its job files. */
  onReady(lane: PoolLane): void;
  /** A lane is ready that was started by a warden, or with code, whose place another has taken. */
  onOutdated(lane: PoolLane): void;
  /** A lane that hangs while it loads is to be killed. */
  kill(lane: PoolLane): void;
  /** The pause after a start that failed is over. */
  onRetry(): void;
  /** A lane has ended while it loaded a job. Returns for how long that is put aside, if it is. */
  onLoadFailed(index: number, reason: string): number | undefined;
  /** A job that was put aside is to be loaded again. */
  onAsideOver(): void;
}

/** Starts the lanes of one scope, and tries again after a pause where that fails. */
export class LaneStarter {
  /** The warden that starts the lanes. Another may take its place at any time. */
  warden: Warden;

  readonly #owner: StarterOwner;
  readonly #first = Promise.withResolvers<void>();
  #code: JobCode = { files: [] };
  /** Settles when the first lane has loaded its job files, or could not. */
  #scout: Promise<void> | undefined;
  #starting = 0;
  #isClosed = false;
  #restart: Timer | undefined;
  #restartMs = RESTART_MS;
  /** The jobs that lanes do not load for now. */
  readonly #aside = new Map<number, Timer>();

  constructor(warden: Warden, owner: StarterOwner) {
    this.warden = warden;
    this.#owner = owner;
  }

  /** How many lanes are being started. */
  get starting(): number {
    return this.#starting;
  }

  /**
   * What the lanes load. Until it is set first, those that are started wait for it; those that are
   * loading when it is set again are outdated.
   */
  get code(): JobCode {
    return this.#code;
  }

  set code(code: JobCode) {
    this.#code = code;
    this.#first.resolve();
  }

  /** Starts a lane; where that fails, says so and tries again after a pause. Never rejects. */
  async start(): Promise<void> {
    // While a restart is waited for, a start would only fail once more.
    if (this.#isClosed || this.#restart !== undefined) return;
    this.#starting++;
    const { warden } = this;
    let ready: PoolLane | undefined;
    let code: JobCode | undefined;
    try {
      const thread = await warden.start(SLOTS_BYTES);
      await this.#first.promise;
      // With all cores to itself the first is ready sooner, and it is the one that is waited for.
      if (this.#scout !== undefined) await this.#scout;
      code = this.#code;
      const opening = this.#open(thread, this.#lessAside(code), warden.spec.memoryMb);
      this.#scout ??= opening.then(() => {}, () => {});
      ready = await opening;
      if (ready.isClosed) throw killedEarly();
      this.#restartMs = RESTART_MS;
    } catch (error) {
      ready = undefined;
      if (!this.#isClosed) this.#failed(error);
    } finally {
      this.#starting--;
    }
    if (ready === undefined) return;
    if (warden === this.warden && code === this.#code) this.#owner.onReady(ready);
    else this.#owner.onOutdated(ready);
  }

  /** Starts no more lanes. */
  close(): void {
    this.#isClosed = true;
    this.#restart?.cancel();
    for (const timer of this.#aside.values()) timer.cancel();
  }

  #lessAside({ files, snapshot }: JobCode): JobCode {
    if (this.#aside.size === 0) return { files, snapshot };
    const isAside = ({ index }: JobFile) => this.#aside.has(index);
    return {
      files: files.filter((file) => !isAside(file)),
      aside: files.filter(isAside),
      snapshot,
    };
  }

  async #open(thread: Thread, code: JobCode, memoryMb: number): Promise<PoolLane> {
    const { clock } = this.#owner;
    const ready = Promise.withResolvers<void>();
    let loading: number | undefined;
    const lane: PoolLane = new PoolLane(thread, clock, {
      onEnded: (lane, request, ended) => this.#owner.onEnded(lane, request, ended),
      onRoom: (lane) => this.#owner.onRoom(lane),
      onMessage: (lane, message) => {
        if (message.type === "ready") return ready.resolve();
        loading = message.type === "loading" ? message.index : undefined;
        this.#owner.onMessage(lane, message);
        if (lane.isClosed) ready.reject(killedEarly());
      },
    });
    const late = clock.setTimer(LOAD_MS, () => {
      this.#owner.kill(lane);
      ready.reject(new Error(`it did not load the job files within ${LOAD_MS / 1000} s`));
    });
    lane.load(code, memoryMb);
    const ended = lane.ended.then((end) => {
      throw new Error(`it ended while it loaded the job files: ${describeEnd(end)}`);
    });
    try {
      await Promise.race([ready.promise, ended]);
    } catch (error) {
      lane.close();
      if (loading !== undefined) this.#loadFailed(loading, error);
      throw error;
    } finally {
      late.cancel();
      ended.catch(() => {});
    }
    return lane;
  }

  /** A job that ends lane after lane is left out, so that the others can run. */
  #loadFailed(index: number, error: unknown): void {
    if (this.#isClosed || this.#aside.has(index)) return;
    const asideMs = this.#owner.onLoadFailed(index, (error as Error).message);
    if (asideMs === undefined) return;
    this.#restartMs = RESTART_MS;
    const over = () => {
      this.#aside.delete(index);
      this.#owner.onAsideOver();
    };
    this.#aside.set(index, this.#owner.clock.setTimer(asideMs, over));
  }

  /** Tries again after a pause: once for all that failed together, and longer each time. */
  #failed(error: unknown): void {
    const { clock, log } = this.#owner;
    const scope = this.warden.spec.name;
    log.error("Cannot start a lane", { scope, error, retryMs: this.#restartMs });
    if (this.#restart !== undefined) return;
    this.#restart = clock.setTimer(this.#restartMs, () => {
      this.#restart = undefined;
      this.#restartMs = Math.min(this.#restartMs * 2, MAX_RESTART_MS);
      this.#owner.onRetry();
    });
  }
}

/** Why a lane has not become one of the scope's. Its kill may have failed, so its end is not waited for. */
function killedEarly(): Error {
  return new Error("it was killed while it loaded the job files");
}

/** An end of a thread, in words. */
export function describeEnd(end: ThreadEnd): string {
  return end.kind === "crashed" ? end.reason : end.kind;
}
