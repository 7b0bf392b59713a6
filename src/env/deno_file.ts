import { toDirError } from "./deno_dir_error.ts";
import type { FileSink, FileSource } from "./dir.ts";
import { dirRefusal } from "./dir_refusal.ts";

/** An open file of the platform. */
export class DenoFile implements FileSource, FileSink {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  #closed = false;

  /** Called once, when the file closes. */
  onClose: (() => void) | undefined = undefined;

  constructor(file: Deno.FsFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#guard("read", () => this.#file.read(buffer));
  }

  write(data: Uint8Array): Promise<number> {
    return this.#guard("write", () => this.#file.write(data));
  }

  /** Drops all that is in it. */
  empty(): Promise<void> {
    return this.#guard("write", () => this.#file.truncate());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
    this.onClose?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #guard<T>(doing: string, use: () => Promise<T>): Promise<T> {
    if (this.#closed) throw dirRefusal("closed", doing, this.#path);
    try {
      return await use();
    } catch (error) {
      throw toDirError(doing, this.#path, error);
    }
  }
}
