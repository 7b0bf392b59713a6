import type { Switch } from "../switch/mod.ts";
import type { ByteSink, ByteSource } from "./bytes.ts";

/** An entry of a directory. */
export interface DirEntry {
  /** The last part of its path. */
  readonly name: string;

  /** Whether it is a file; of a link, neither this nor the next is true. */
  readonly isFile: boolean;

  /** Whether it is a directory. */
  readonly isDirectory: boolean;
}

/** What is known of a file without reading it. */
export interface FileInfo {
  /** What it is. */
  readonly kind: "file" | "directory" | "link" | "other";

  /** The bytes in it, where it is a file. */
  readonly size: number;

  /** When it was changed last, in milliseconds since the epoch; `undefined` where nobody knows. */
  readonly modifiedAt: number | undefined;
}

/** A file that is being read. Disposing of it closes it. */
export interface FileSource extends ByteSource, Disposable {
  /** Closes the file. A second time this does nothing. */
  close(): void;
}

/** A file that is being written. Disposing of it closes it. */
export interface FileSink extends ByteSink, Disposable {
  /** Closes the file. A second time this does nothing. */
  close(): void;
}

/** Options for {@linkcode Dir.openWrite}. */
export interface OpenWriteOptions {
  /**
   * What becomes of the file: `never` is made, it must be there; made `if-missing`, and else kept;
   * made, or emptied with `or-truncate`; `exclusive` makes it, and it must not be there.
   *
   * @default {"or-truncate"}
   */
  readonly create?: "never" | "if-missing" | "or-truncate" | "exclusive";

  /**
   * Writes at the end of the file, wherever that is by then.
   *
   * @default {false}
   */
  readonly append?: boolean;
}

/** Options for {@linkcode Dir.stat}. */
export interface StatOptions {
  /**
   * Whether a link is followed, or looked at itself.
   *
   * @default {true}
   */
  readonly followLink?: boolean;
}

/** Options for {@linkcode Dir.makeDir}. */
export interface MakeDirOptions {
  /**
   * Makes the directories above as well, and is content where it is there already.
   *
   * @default {false}
   */
  readonly parents?: boolean;
}

/** Options for {@linkcode Dir.remove}. */
export interface RemoveOptions {
  /**
   * Removes a directory with all that is in it. Links in it go, what they lead to stays.
   *
   * @default {false}
   */
  readonly recursive?: boolean;
}

/** Options for {@linkcode DirWatcher.next}. */
export interface NextChangeOptions {
  /** Cancels the wait. */
  readonly signal?: AbortSignal;
}

/** What changes below a directory, from {@linkcode Dir.watch}. */
export interface DirWatcher {
  /**
   * Waits for a change, and resolves to the paths of all that was made, written, renamed or removed
   * since the call before, relative to the directory. One caller may wait at a time; rejects with
   * {@linkcode Cancelled} when the watcher's switch ends.
   */
  next(options?: NextChangeOptions): Promise<readonly string[]>;
}

/**
 * The authority over the files below one directory. A path is relative to it; one that leads out
 * of it (`..`, absolute, through a symbolic link) is refused with a {@linkcode DirError}.
 *
 * @example
 * ```ts
 * import { BufReader, fakeDir, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const dir = fakeDir({ "notes/today.txt": "one\ntwo\n" });
 * await Switch.run(async (sw) => {
 *   const reader = new BufReader(await dir.openRead(sw, "notes/today.txt"));
 *   assertEquals(await reader.line(), "one");
 * });
 * ```
 */
export interface Dir {
  /** The directory as an absolute path, for messages and for permission lists. */
  readonly path: string;

  /** The absolute path of a file or folder below, which must exist: links are followed first. */
  resolve(path: string): Promise<string>;

  /** The entries of a directory below, sorted by name. */
  list(path?: string): Promise<DirEntry[]>;

  /** The text of a file below. */
  readText(path: string): Promise<string>;

  /** Writes a file below, making or replacing it. */
  writeText(path: string, text: string): Promise<void>;

  /** Opens a file below for reading, from its beginning, until `sw` ends. */
  openRead(sw: Switch, path: string): Promise<FileSource>;

  /** Opens a file below for writing, from its beginning, until `sw` ends. */
  openWrite(sw: Switch, path: string, options?: OpenWriteOptions): Promise<FileSink>;

  /** What there is at `path`. */
  stat(path: string, options?: StatOptions): Promise<FileInfo>;

  /** Makes a directory. */
  makeDir(path: string, options?: MakeDirOptions): Promise<void>;

  /** Removes a file, an empty directory, or a link: itself, not what it leads to. */
  remove(path: string, options?: RemoveOptions): Promise<void>;

  /** Gives a file, a directory or a link another name below, in the place of a file of that name. */
  rename(from: string, to: string): Promise<void>;

  /** Makes a link at `path`. `target` may be anything; whether it can be followed, its use tells. */
  symlink(target: string, path: string): Promise<void>;

  /** Watches all that is below, from now until `sw` ends. */
  watch(sw: Switch): DirWatcher;

  /** The authority over a directory below, alone. */
  subtree(path: string): Promise<Dir>;

  /** A new directory below with a name of its own, which is removed with all in it when `sw` ends. */
  tempDir(sw: Switch): Promise<Dir>;
}

/** What went wrong with a file, as a word that a program can match. */
export type DirErrorCode =
  | "not-found"
  | "outside"
  | "permission-denied"
  | "not-a-directory"
  | "is-a-directory"
  | "already-exists"
  | "not-empty"
  | "closed"
  | "other";

/** A failure of a {@linkcode Dir}. `cause` is the platform's own error, if there was one. */
export class DirError extends Error {
  /** The name of the class. */
  override readonly name: string = "DirError";

  /** What went wrong, for programs. */
  readonly code: DirErrorCode;

  /** Make a file error with this code and message. */
  constructor(code: DirErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
