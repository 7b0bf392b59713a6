import type { Address } from "../../src/env/mod.ts";

const encoder = new TextEncoder();

/** A client that speaks raw bytes over a real socket. */
export class RawClient implements Disposable {
  readonly #conn: Deno.Conn;
  readonly #decoder = new TextDecoder();
  #heard = "";
  #closed = false;

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  static async connect(address: Address): Promise<RawClient> {
    return new RawClient(
      address.transport === "unix"
        ? await Deno.connect({ transport: "unix", path: address.path })
        : await Deno.connect({ hostname: address.hostname, port: address.port }),
    );
  }

  /** The client's own address, as the server's log writes it. */
  get name(): string {
    const addr = this.#conn.localAddr;
    return addr.transport === "tcp" ? `${addr.hostname}:${addr.port}` : addr.transport;
  }

  /** Sends text, or bytes as they are. */
  async say(text: string | Uint8Array): Promise<void> {
    const bytes = typeof text === "string" ? encoder.encode(text) : text;
    for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
  }

  /** Sends a FIN. */
  async end(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** The next lines, without their ends; fewer where the stream ends before. */
  async hearLines(count: number): Promise<string[]> {
    const lines: string[] = [];
    while (lines.length < count) {
      const line = await this.hearLine();
      if (line === undefined) break;
      lines.push(line);
    }
    return lines;
  }

  /** The next line, without its end; `undefined` at the end of the stream. */
  async hearLine(): Promise<string | undefined> {
    for (;;) {
      const end = this.#heard.indexOf("\n");
      if (end >= 0) {
        const line = this.#heard.slice(0, end);
        this.#heard = this.#heard.slice(end + 1);
        return line;
      }
      if (!await this.#hearMore()) return undefined;
    }
  }

  /** All that comes to the end of the stream. */
  async hearAll(): Promise<string> {
    while (await this.#hearMore());
    return this.#heard;
  }

  /** Says lines, and hears as many. */
  async ask(...lines: readonly string[]): Promise<string[]> {
    await this.say(lines.map((line) => `${line}\n`).join(""));
    return await this.hearLines(lines.length);
  }

  /** Asks for a reply of several lines: all before its `.`. */
  async askBlock(line: string): Promise<string[]> {
    await this.say(`${line}\n`);
    const block: string[] = [];
    for (let next = await this.hearLine(); next !== "."; next = await this.hearLine()) {
      if (next === undefined) throw new Error(`The reply to ${line} was cut: ${block.join("\n")}`);
      block.push(next);
    }
    return block;
  }

  /** What `STATS` says under this key. */
  async stat(key: string): Promise<string | undefined> {
    const prefix = `${key}:`;
    const line = (await this.askBlock("STATS")).find((line) => line.startsWith(prefix));
    return line?.slice(prefix.length).trim();
  }

  /** Waits until `STATS` says this; each look is a request. */
  async untilStat(key: string, value: string): Promise<void> {
    while (await this.stat(key) !== value);
  }

  /** Waits until so many jobs or more have begun; each look is a request. */
  async untilRunning(jobs: number): Promise<void> {
    while (Number(await this.stat("running")) < jobs);
  }

  /** Leaves, as Ctrl-C does: a FIN, or an RST where something was not read. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #hearMore(): Promise<boolean> {
    const buffer = new Uint8Array(65_536);
    const count = await this.#conn.read(buffer);
    if (count === null) return false;
    this.#heard += this.#decoder.decode(buffer.subarray(0, count), { stream: true });
    return true;
  }
}
