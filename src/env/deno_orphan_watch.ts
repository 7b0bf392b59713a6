import { type ChildProcess, spawn } from "node:child_process";

/**
 * Reads `+ GROUP` and `- GROUP`, a line each, and when its input ends kills the groups that are left.
 * A shell, as the kernel ends its input however the server has died, and a lane may be too busy to
 * see it.
 */
const SCRIPT = `while read -r verb group; do
  kept=
  for one in "$@"; do [ "$one" = "-$group" ] || kept="$kept $one"; done
  set -- $kept
  [ "$verb" = + ] && set -- "$@" "-$group"
done
[ $# -gt 0 ] && kill -s KILL -- "$@"`;

/**
 * Sees to it that no process burns on when the server was killed: a shell that waits for the
 * server's end, and then kills the process groups that it was told of.
 */
export class OrphanWatch {
  readonly #shell: ChildProcess;
  readonly #gone: Promise<void>;

  private constructor(shell: ChildProcess) {
    this.#shell = shell;
    this.#gone = new Promise((resolve) => shell.once("exit", () => resolve()));
    // The shell has died: the groups are not watched any more, and all else goes on.
    shell.on("error", () => {});
    shell.stdin!.on("error", () => {});
  }

  /** Starts the shell. `undefined` where there is none, or it may not be run. */
  static start(): Promise<OrphanWatch | undefined> {
    if (!mayRunShell()) return Promise.resolve(undefined);
    const shell = spawn("sh", ["-c", SCRIPT], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
      env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
    });
    return new Promise((resolve) => {
      shell.once("spawn", () => resolve(new OrphanWatch(shell)));
      shell.once("error", () => resolve(undefined));
    });
  }

  /** Has a process group killed when the server ends before `remove`. */
  add(group: number): void {
    this.#shell.stdin!.write(`+ ${group}\n`);
  }

  /** Forgets a group that has ended. */
  remove(group: number): void {
    this.#shell.stdin!.write(`- ${group}\n`);
  }

  /** Ends the shell. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#shell.kill("SIGKILL");
    await this.#gone;
  }
}

function mayRunShell(): boolean {
  if (Deno.build.os === "windows") return false;
  return Deno.permissions.querySync({ name: "run", command: "sh" }).state === "granted";
}
