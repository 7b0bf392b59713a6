import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { runCall } from "../src/call.ts";
import { callHelp, parseCall } from "../src/call_flags.ts";
import { ConfigError } from "../src/config.ts";
import { fakeEnv, FakeSignals } from "../src/env/mod.ts";
import { formatProgress } from "../src/progress_line.ts";
import { ScriptedServer, type ServerEnd } from "./client/scripted_server.ts";

const { vars } = fakeEnv();
const encoder = new TextEncoder();

function configOf(...args: string[]) {
  const invocation = parseCall(args, vars);
  if (invocation.kind !== "call") throw new TypeError("It asks for help");
  return invocation.config;
}

/** What a call has written. */
class Output {
  text = "";
  readonly isTerminal: boolean;
  readonly columns = 80;

  constructor(isTerminal = false) {
    this.isTerminal = isTerminal;
  }

  write(data: Uint8Array): Promise<number> {
    this.text += new TextDecoder().decode(data);
    return Promise.resolve(data.length);
  }
}

/** Lines of standard input that come when the test says so. */
class Input {
  readonly #stream = new TransformStream<Uint8Array, Uint8Array>(undefined, { highWaterMark: 99 });
  readonly #writer = this.#stream.writable.getWriter();
  readonly #reader = this.#stream.readable.getReader();

  constructor(text?: string) {
    if (text === undefined) return;
    void this.#writer.write(encoder.encode(text));
    void this.#writer.close();
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const { value } = await this.#reader.read();
    if (value === undefined) return null;
    buffer.set(value);
    return value.length;
  }
}

interface CallTest {
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly isTerminal?: boolean;
  readonly serve: (end: ServerEnd, signals: FakeSignals) => Promise<void>;
}

/** Runs `call` against a server that says what the test says. */
async function called({ args, stdin, isTerminal, serve }: CallTest) {
  const stdout = new Output();
  const stderr = new Output(isTerminal);
  let code = -1;
  await ScriptedServer.run(async (server) => {
    const signals = new FakeSignals();
    const { net, clock } = server;
    const { cwd } = fakeEnv({ files: { token: "secret\n" } });
    const env = { net, clock, signals, cwd, stdin: new Input(stdin), stdout, stderr };
    const calling = runCall(env, configOf(...args));
    const end = await server.accept();
    await serve(end, signals);
    await end.hear();
    await end.end();
    code = await calling;
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

Deno.test("call prints the result of the job, and exits with 0", async () => {
  const ended = await called({
    args: ["sha256", "hello", "world"],
    async serve(end) {
      const request = (await end.hear())!;
      assertEquals([request.method, request.params[0]], ["sha256", "hello world"]);
      assertEquals(request.params[1]._meta.text, true);
      end.result(request, "b94d27");
    },
  });
  assertEquals(ended, { code: 0, stdout: "b94d27\n", stderr: "" });
});

Deno.test("call --json sends a value and prints one, with every digit", async () => {
  const ended = await called({
    args: ["--json", "same", '{"n":12345678901234567890}'],
    async serve(end) {
      const { id } = (await end.hear())!;
      end.say(`{"jsonrpc":"2.0","result":{"n":12345678901234567890},"id":${id}}`);
    },
  });
  assertEquals(ended, { code: 0, stdout: '{"n":12345678901234567890}\n', stderr: "" });
});

Deno.test("Each way to fail has its exit code and its sentence", async () => {
  for (
    const [word, code] of [
      ...[["FAILED", 1], ["INVALID", 1], ["UNKNOWN_JOB", 1], ["BUSY", 3], ["DRAINING", 3]],
      ...[["DENIED", 3], ["DEADLINE", 5], ["KILLED", 5], ["OUT_OF_MEMORY", 5], ["CRASHED", 5]],
    ] as const
  ) {
    const ended = await called({
      args: ["fib", "30"],
      async serve(end) {
        end.error((await end.hear())!, String(word), "So it ended");
      },
    });
    const shown = word === "FAILED" ? "So it ended" : `So it ended [${word}]`;
    assertEquals(ended, { code: Number(code), stdout: "", stderr: `switchyard: ${shown}\n` });
  }
});

Deno.test("call runs each line of standard input, and prints the results in their order", async () => {
  const ended = await called({
    args: ["fib"],
    stdin: "1\n2\nthree\n4",
    async serve(end) {
      const requests = [];
      for (let i = 0; i < 4; i++) requests.push((await end.hear())!);
      for (const request of requests.toReversed()) {
        const [input] = request.params;
        if (input === "three") end.error(request, "INVALID", "It is no number");
        else end.result(request, `<${input}>`);
      }
    },
  });
  const stderr = "switchyard: It is no number [INVALID]\n";
  assertEquals(ended, { code: 1, stdout: "<1>\n<2>\n<4>\n", stderr });
});

Deno.test("Ctrl-C cancels the job, says how it stopped, and exits with 130", async () => {
  const ended = await called({
    args: ["spin", "x"],
    async serve(end, signals) {
      const request = (await end.hear())!;
      signals.raise("SIGINT");
      assertEquals((await end.hear())!.method, "$/cancelRequest");
      end.error(request, "CANCELLED", "It was killed after 104 ms");
    },
  });
  const stderr = "switchyard: It was killed after 104 ms [CANCELLED]\n";
  assertEquals(ended, { code: 130, stdout: "", stderr });
});

Deno.test("Ctrl-C ends the reading of standard input too", async () => {
  const ended = await called({
    args: ["fib"],
    async serve(_end, signals) {
      await Promise.resolve();
      signals.raise("SIGINT");
    },
  });
  assertEquals(ended, { code: 0, stdout: "", stderr: "" });
});

Deno.test("A token is read from its file, and shown before the call", async () => {
  const ended = await called({
    args: ["--token", "token", "fib", "1"],
    async serve(end) {
      const who = (await end.hear())!;
      assertEquals([who.method, who.params], ["rpc.authenticate", { token: "secret" }]);
      end.result(who, true);
      end.result((await end.hear())!, "1");
    },
  });
  assertEquals(ended.stdout, "1\n");
});

Deno.test("Progress is drawn on a terminal, wiped at the end, and never in a file", async () => {
  for (const isTerminal of [true, false]) {
    const ended = await called({
      args: ["slow", "x"],
      isTerminal,
      async serve(end) {
        const request = (await end.hear())!;
        const token = request.params[1]._meta.progressToken;
        const value = { done: 50, total: 100, note: "half\x1b[2J" };
        end.say(JSON.stringify({ jsonrpc: "2.0", method: "$/progress", params: { token, value } }));
        end.result(request, "ok");
      },
    });
    const bar = "\r\x1b[K[############------------]  50 %  50/100  half [2J\r\x1b[K";
    assertEquals([ended.stdout, ended.stderr], ["ok\n", isTerminal ? bar : ""]);
  }
});

Deno.test("formatProgress() shows what is known", () => {
  assertEquals(formatProgress({ done: 1234 }), "1,234");
  assertEquals(formatProgress({ done: 5, total: 0, note: "x" }), "5  x");
  assertEquals(formatProgress({ done: 9, total: 3 }), `[${"#".repeat(24)}] 100 %  9/3`);
});

Deno.test("A wrong command line is one sentence", () => {
  const refused = (...args: string[]) =>
    assertThrows(() => parseCall(args, vars), ConfigError).message;
  assertEquals(refused(), "Cannot call nothing: name a job, see --help");
  assertMatch(refused("--sever", "x", "fib"), /^Cannot use --sever: .* did you mean --server\?$/);
  assertMatch(
    refused("--deadline", "soon", "fib"),
    /^Cannot use --deadline "soon": it takes a time/,
  );
  assertMatch(refused("--cert", "c.pem", "fib"), /give both$/);
  assertEquals(refused("--server"), "Cannot use --server without a value");
});

Deno.test("Flags end at the job: what follows is its text", () => {
  const { job, text } = configOf("--deadline", "5s", "sha256", "--jason", "-x", "--");
  assertEquals([job, text], ["sha256", "--jason -x --"]);
  assertEquals(configOf("--", "fib", "1").job, "fib");
  assertEquals(configOf("fib").text, undefined);
  assertEquals(parseCall(["-h"], vars), { kind: "help" });
  assertMatch(callHelp(), /--server ADDRESS .*127\.0\.0\.1:8080/);
});

Deno.test("A flag of call's own behind the job is refused, and is text after --", () => {
  for (const flag of ["--server", "--server=there:1", "--json"]) {
    const error = assertThrows(() => parseCall(["fib", "30", flag, "there:1"], vars), ConfigError);
    assertMatch(error.message, /^Cannot use --\w+ behind the job: flags go before its name; /);
    for (const marked of [["fib", "--", flag], ["--", "fib", flag]]) {
      assertEquals(configOf(...marked).text, flag);
    }
  }
  assertMatch(callHelp(), /Flags go before the job's name\./);
});
