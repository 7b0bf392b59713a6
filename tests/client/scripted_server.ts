import { FakeClock, FakeNet, type Listener } from "../../src/env/mod.ts";
import { Connection } from "../../src/net/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { type Client, type ClientOptions, connect } from "../../src/client/mod.ts";

const ADDRESS = { transport: "tcp", hostname: "127.0.0.1", port: 8080 } as const;

/** A request as it came over the wire. */
export interface Heard {
  readonly id?: number;
  readonly method: string;
  // deno-lint-ignore no-explicit-any -- whatever the client has sent
  readonly params: any;
}

/** A server whose every word is the test's own. */
export class ScriptedServer {
  readonly net = new FakeNet();
  readonly clock = new FakeClock();
  readonly #sw: Switch;
  #listener: Listener | undefined;

  private constructor(sw: Switch) {
    this.#sw = sw;
  }

  static run(test: (server: ScriptedServer) => Promise<void>): Promise<void> {
    return Switch.run(async (sw) => {
      const server = new ScriptedServer(sw);
      await server.listen();
      await test(server);
    });
  }

  async listen(): Promise<void> {
    this.#listener = await this.net.listen(this.#sw, ADDRESS);
  }

  /** Nobody gets through from now on. */
  close(): void {
    this.#listener!.close();
  }

  /** Has a client connect. */
  async meet(options: ClientOptions = {}): Promise<{ client: Client; end: ServerEnd }> {
    const connecting = connect(this, ADDRESS, options);
    const end = await this.accept();
    return { client: await connecting, end };
  }

  connect(options: ClientOptions = {}): Promise<Client> {
    return connect(this, ADDRESS, options);
  }

  async accept(): Promise<ServerEnd> {
    return new ServerEnd(this.#sw, this.#sw.use(await this.#listener!.accept()), this.clock);
  }
}

/** The server's end of one connection. */
export class ServerEnd {
  readonly #connection: Connection;
  readonly #conn: Disposable;

  constructor(sw: Switch, conn: ConstructorParameters<typeof Connection>[1], clock: FakeClock) {
    this.#conn = conn;
    this.#connection = new Connection(sw, conn, { clock, halfClose: "answer" });
  }

  /** The next request; `undefined` where the client has ended its half. */
  async hear(): Promise<Heard | undefined> {
    const line = await this.#connection.reader.readLine();
    return line === undefined ? undefined : JSON.parse(String(line));
  }

  say(line: string): void {
    this.#connection.writer.writeLine(line);
  }

  result(request: Heard, result: unknown): void {
    this.say(JSON.stringify({ jsonrpc: "2.0", result, id: request.id }));
  }

  error(request: Heard, code: string, message: string): void {
    const error = { code: -32000, message, data: { code, runMs: 3 } };
    this.say(JSON.stringify({ jsonrpc: "2.0", error, id: request.id }));
  }

  /** Leaves, answering nothing more. */
  leave(): void {
    this.#conn[Symbol.dispose]();
  }

  /** Says goodbye: everything that was said arrives. */
  async end(): Promise<void> {
    await this.#connection.end();
    this.leave();
  }
}
