/** An entry of a directory. */
export interface DirEntry {
  /** The last part of its path. */
  readonly name: string;

  /** Whether it is a file; of a link, neither this nor the next is true. */
  readonly isFile: boolean;

  /** Whether it is a directory. */
  readonly isDirectory: boolean;
}

/**
 * The authority over the files below one directory. A path is relative to it; one that leads out
 * of it (`..`, absolute, through a symbolic link) is refused with a {@linkcode DirError}.
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

  /** The authority over a directory below, alone. */
  subtree(path: string): Promise<Dir>;
}

/** What went wrong with a file, as a word that a program can match. */
export type DirErrorCode =
  | "not-found"
  | "outside"
  | "permission-denied"
  | "not-a-directory"
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
