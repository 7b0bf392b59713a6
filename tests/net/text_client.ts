import type { Address, Conn, Net } from "../../src/env/mod.ts";
import type { Switch } from "../../src/switch/mod.ts";

/** A client that says and reads raw text, for tests. */
export class TextClient {
  readonly conn: Conn;

  constructor(conn: Conn) {
    this.conn = conn;
  }

  static async connect(sw: Switch, net: Net, address: Address): Promise<TextClient> {
    return new TextClient(await net.connect(sw, address));
  }

  async say(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    for (let sent = 0; sent < bytes.length;) sent += await this.conn.write(bytes.subarray(sent));
  }

  /** Reads as many bytes as `text` has, or to the end. */
  async hear(length: number = Infinity): Promise<string> {
    const buffer = new Uint8Array(1024);
    let text = "";
    while (text.length < length) {
      const count = await this.conn.read(buffer.subarray(0, Math.min(length - text.length, 1024)));
      if (count === null) break;
      text += new TextDecoder().decode(buffer.subarray(0, count));
    }
    return text;
  }
}
