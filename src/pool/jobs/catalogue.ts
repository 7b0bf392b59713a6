import type { Clock, Dir, Thread, Warden } from "../../env/mod.ts";
import type { Manifest } from "../../job/mod.ts";
import { type FromLane, type Snapshot, snapshotOf } from "../link/mod.ts";
import type { Scope } from "../scope.ts";

/** A job that can be submitted. */
export interface Job {
  /**
   * Its number in messages to the lanes.
   *
   * @internal
   */
  readonly index: number;

  /**
   * Which edition of the job files it is from: results of an older one are not its own.
   *
   * @internal
   */
  readonly edition: number;

  /** What it is called. */
  readonly name: string;

  /** What its file says of it. */
  readonly manifest: Manifest;

  /** How long a run may take, from its start, in milliseconds. */
  readonly deadlineMs: number;

  /** How long a run that was asked to stop may take, before it is killed, in milliseconds. */
  readonly graceMs: number;

  /** How long a request may wait for its run, in milliseconds. */
  readonly maxQueueMs: number;

  /**
   * How much of a lane a run takes: all of it, or a part where several may share it.
   *
   * @internal
   */
  readonly share: number;

  /**
   * The place of its priority among all.
   *
   * @internal
   */
  readonly rank: number;

  /**
   * Where it runs, or why it may not.
   *
   * @internal
   */
  readonly scope: Scope | string;
}

/** A job file that was read. */
export interface ReadJob {
  readonly url: string;
  readonly manifest: Manifest;
}

/** A job file that could not be read. */
export interface BrokenJob {
  readonly url: string;
  readonly reason: string;
}

/** What was found in a folder of job files. */
export interface Catalogue {
  readonly jobs: readonly ReadJob[];
  readonly broken: readonly BrokenJob[];
}

/** How long a job file may take to load, in milliseconds. */
const READ_MS = 10_000;

/** The URLs of the job files in a folder: its TypeScript and JavaScript, less tests and `_` files. */
export async function findJobFiles(dir: Dir): Promise<string[]> {
  const entries = await dir.list();
  const files = entries.filter(({ name, isFile }) =>
    isFile && /\.[jt]s$/.test(name) && !/^[_.]|[_.]test\.[jt]s$|\.d\.ts$/.test(name)
  );
  return files.map(({ name }) => toFileUrl(`${dir.path}/${name}`));
}

/**
 * Reads the manifests of job files, each in a thread without permissions, so that nothing a file
 * does when it is loaded can harm: one that hangs or ends its thread is broken, as one that throws,
 * and the others are read all the same. The first thread may have been started before.
 */
export async function readCatalogue(
  warden: Warden,
  clock: Clock,
  urls: readonly string[],
  snapshot: Snapshot,
  first: Promise<Thread> = warden.start(0),
): Promise<Catalogue> {
  const jobs: ReadJob[] = [];
  const broken: BrokenJob[] = [];
  let rest = urls;
  for (let starting = first;; starting = warden.start(0)) {
    const code = snapshotOf([snapshot], rest);
    const { read, culprit } = await readSome(
      await starting,
      clock,
      rest,
      code,
      warden.spec.memoryMb,
    );
    for (const item of read) "manifest" in item ? addJob(item, jobs, broken) : broken.push(item);
    if (culprit === undefined) return { jobs, broken };
    broken.push(culprit);
    rest = rest.slice(read.length + 1);
    if (rest.length === 0) return { jobs, broken };
  }
}

function addJob(job: ReadJob, jobs: ReadJob[], broken: BrokenJob[]): void {
  const { name } = job.manifest;
  const first = jobs.find((other) => other.manifest.name === name);
  if (first === undefined) jobs.push(job);
  else broken.push({ url: job.url, reason: `its name ${name} is taken by ${first.url}` });
}

interface SomeRead {
  readonly read: readonly (ReadJob | BrokenJob)[];
  /** The file at which the reading stopped. */
  readonly culprit?: BrokenJob;
}

/** Reads files in one thread, up to the first that does not let it go on. */
async function readSome(
  thread: Thread,
  clock: Clock,
  urls: readonly string[],
  snapshot: Snapshot,
  memoryMb: number,
): Promise<SomeRead> {
  const read: (ReadJob | BrokenJob)[] = [];
  const stopped = Promise.withResolvers<string | undefined>();
  const arm = () => clock.setTimer(READ_MS, () => stopped.resolve(`it took over ${READ_MS} ms`));
  let late = arm();
  thread.onMessage((data) => {
    const message = data as FromLane;
    late.cancel();
    if (message.type === "loaded") {
      read.push({ url: urls[message.index]!, manifest: message.manifest });
    } else if (message.type === "broken") {
      read.push({ url: urls[message.index]!, reason: message.error.message });
    }
    if (message.type === "ready") stopped.resolve(undefined);
    else late = arm();
  });
  const files = urls.map((url, index) => ({ index, url }));
  thread.post({ type: "load", files, memoryMb, snapshot });
  void thread.ended.then(() => stopped.resolve("it ended the thread that loaded it"));
  const reason = await stopped.promise;
  late.cancel();
  void thread.kill(); // its warden sees to its end
  return reason === undefined ? { read } : { read, culprit: { url: urls[read.length]!, reason } };
}

/** The URL of a file without the query that tells its versions apart. */
export function fileOf(url: string): string {
  return url.replace(/\?.*/, "");
}

/** The URL of a path of the machine. */
export function toFileUrl(path: string): string {
  return `file://${path.split("/").map(encodeURIComponent).join("/")}`;
}
