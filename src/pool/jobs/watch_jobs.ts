import type { Clock, DirWatcher, Log } from "../../env/mod.ts";

/** How long the files must have been left alone before they are read, in milliseconds. */
export const QUIET_MS = 100;

/**
 * Calls `takeUp` with the paths of what has changed, each time that files have changed and are left
 * alone again: an editor writes a file in several steps, a checkout many files. Goes on until `signal`
 * fires; what `takeUp` throws is logged, and what changes meanwhile is taken up next.
 */
export async function watchJobs(
  watcher: DirWatcher,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  takeUp: (paths: readonly string[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const paths = await nextQuiet(watcher, clock, signal);
    try {
      await takeUp(paths);
    } catch (error) {
      signal.throwIfAborted();
      log.error("Cannot take up changed job files: the jobs stay as they were", { error });
    }
  }
}

/** Waits for a change, and then until there has been none for a while. */
async function nextQuiet(
  watcher: DirWatcher,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const paths = new Set(await watcher.next({ signal }));
  for (;;) {
    const quiet = new AbortController();
    const timer = clock.setTimer(QUIET_MS, () => quiet.abort());
    try {
      const more = await watcher.next({ signal: AbortSignal.any([signal, quiet.signal]) });
      for (const path of more) paths.add(path);
    } catch (error) {
      if (!quiet.signal.aborted || signal.aborted) throw error;
      return [...paths].sort();
    } finally {
      timer.cancel();
    }
  }
}
