import type { FileSink, FileSource } from "./dir.ts";
import { dirRefusal } from "./dir_refusal.ts";
import type { FakeFile } from "./fake_tree.ts";

/** An open file in memory. */
export class OpenFakeFile implements FileSource, FileSink {
  readonly #file: FakeFile;
  readonly #path: string;
  readonly #append: boolean;
  #at = 0;
  #closed = false;

  /** Called once, when the file closes. */
  onClose: (() => void) | undefined = undefined;

  constructor(file: FakeFile, path: string, append: boolean) {
    this.#file = file;
    this.#path = path;
    this.#append = append;
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async read(buffer: Uint8Array): Promise<number | null> {
    this.#checkOpen("read");
    const taken = this.#file.bytes.subarray(this.#at, this.#at + buffer.length);
    buffer.set(taken);
    this.#at += taken.length;
    return taken.length === 0 && buffer.length > 0 ? null : taken.length;
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async write(data: Uint8Array): Promise<number> {
    this.#checkOpen("write");
    const { bytes } = this.#file;
    const at = this.#append ? bytes.length : this.#at;
    this.#file.bytes = new Uint8Array(Math.max(bytes.length, at + data.length));
    this.#file.bytes.set(bytes);
    this.#file.bytes.set(data, at);
    this.#at = at + data.length;
    return data.length;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onClose?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #checkOpen(doing: string): void {
    if (this.#closed) throw dirRefusal("closed", doing, this.#path);
  }
}
