import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type ByteSource,
  copy,
  FakeClock,
  FakeProcesses,
  type FakeProgram,
  type Process,
  ProcessError,
  type Processes,
  realEnv,
} from "../../src/env/mod.ts";
import { denoProcesses } from "../../src/env/deno_process.ts";
import { Tail } from "../../src/env/tail.ts";
import { Cancelled, Fiber, Switch } from "../../src/switch/mod.ts";

/** Real and fake programs, with a clock that the test moves. */
interface Subject {
  readonly name: string;
  readonly open: (clock: FakeClock) => Processes;
}

const encoder = new TextEncoder();

/** What the tests call, for the fake. The real ones are shell scripts of the same names. */
const PROGRAMS: Record<string, { readonly script: string; readonly fake: FakeProgram }> = {
  hello: { script: "echo hello", fake: ({ print }) => print("hello\n") },
  cat: { script: "cat", fake: ({ stdin, stdout }) => copy(stdin, stdout) },
  "exit-3": {
    script: "echo first >&2; echo out of coffee >&2; exit 3",
    fake: async ({ printError, exit }) => {
      await printError("first\nout of coffee\n");
      exit(3);
    },
  },
  sleep: { script: "exec sleep 1000", fake: ({ signal }) => forever(signal) },
  mute: {
    script: "exec >&-; exec sleep 1000",
    fake: async ({ stdout, signal }) => {
      await stdout.close();
      await forever(signal);
    },
  },
  stubborn: {
    script: "trap '' TERM; echo ready; while :; do sleep 0.01; done",
    fake: async ({ print, onSignal, signal }) => {
      onSignal("SIGTERM", () => {});
      await print("ready\n");
      await forever(signal);
    },
  },
  polite: {
    script: "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done",
    fake: async ({ print, onSignal, exit, signal }) => {
      onSignal("SIGTERM", () => exit(7));
      await print("ready\n");
      await forever(signal);
    },
  },
  "deaf-echo": { script: "echo done", fake: ({ print }) => print("done\n") },
  yes: {
    script: "exec yes",
    fake: async ({ print }) => {
      for (;;) await print("y\n".repeat(1000));
    },
  },
  noise: {
    script: "head -c 100000 /dev/zero | tr '\\0' x >&2; echo the end >&2; exit 1",
    fake: async ({ printError, exit }) => {
      await printError("x".repeat(100_000));
      await printError("the end\n");
      exit(1);
    },
  },
};

function forever(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

/** The programs as shell scripts in a folder of their own. */
const folder = Deno.makeTempDirSync();
for (const [name, { script }] of Object.entries(PROGRAMS)) {
  Deno.writeTextFileSync(`${folder}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

const fakes = Object.fromEntries(
  Object.entries(PROGRAMS).map(([name, { fake }]) => [`${folder}/${name}`, fake]),
);

const subjects: Subject[] = [
  { name: "real", open: denoProcesses },
  { name: "fake", open: (clock) => new FakeProcesses(clock, fakes) },
];

interface Setting {
  readonly clock: FakeClock;
  readonly processes: Processes;
  /** The full name of a program. */
  readonly path: (name: string) => string;
}

function law(name: string, test: (setting: Setting) => Promise<void>): void {
  for (const subject of subjects) {
    Deno.test(`${subject.name} processes: ${name}`, async () => {
      const clock = new FakeClock();
      await test({ clock, processes: subject.open(clock), path: (name) => `${folder}/${name}` });
      assertEquals(clock.timers, 0);
    });
  }
}

async function readText(source: ByteSource): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  let text = "";
  for (let count; (count = await source.read(buffer)) !== null;) {
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return text;
}

/** Resolves when the process has said that it is ready. */
async function untilReady(process: Process): Promise<void> {
  assertEquals(await process.stdout.read(new Uint8Array(6)), 6);
}

async function processErrorOf(run: () => Promise<unknown>): Promise<ProcessError> {
  return await assertRejects(run, ProcessError);
}

law("run() returns what the program wrote", async ({ processes, path }) => {
  assertEquals(await processes.run(path("hello")), { code: 0, stdout: "hello\n", stderr: "" });
});

law("run() gives the program its input, more than a pipe holds", async ({ processes, path }) => {
  const text = "é".repeat(200_000);
  assertEquals((await processes.run(path("cat"), [], { stdin: text })).stdout === text, true);
  const bytes = await processes.run(path("cat"), [], { stdin: encoder.encode("bytes") });
  assertEquals(bytes.stdout, "bytes");
  let left = 3;
  const source = {
    read(buffer: Uint8Array) {
      buffer[0] = 97;
      return Promise.resolve(left-- > 0 ? 1 : null);
    },
  };
  assertEquals((await processes.run(path("cat"), [], { stdin: source })).stdout, "aaa");
});

law(
  "run() does not mind a program that leaves its input unread",
  async ({ processes, path }) => {
    const stdin = new Uint8Array(1 << 20);
    assertEquals((await processes.run(path("deaf-echo"), [], { stdin })).stdout, "done\n");
  },
);

law(
  "run() waits for no more of an input that never ends than the program does",
  async ({ processes, path }) => {
    const stdin = { read: () => new Promise<never>(() => {}) };
    assertEquals((await processes.run(path("deaf-echo"), [], { stdin })).stdout, "done\n");
  },
);

law("run() fails where the input fails", async ({ processes, path }) => {
  const stdin = { read: () => Promise.reject(new RangeError("no more paper")) };
  await assertRejects(() => processes.run(path("cat"), [], { stdin }), RangeError, "no more paper");
});

law(
  "run() rejects with the command line, the exit code and the last words",
  async ({ processes, path }) => {
    const error = await processErrorOf(() => processes.run(path("exit-3"), ["a b", "c"]));
    assertEquals(error.code, "failed");
    assertEquals(error.status, { kind: "exited", code: 3 });
    assertEquals(error.stderr, "first\nout of coffee\n");
    assertEquals(error.commandLine, `${path("exit-3")} "a b" c`);
    assertEquals(
      error.message,
      `Cannot run ${error.commandLine}: it exited with code 3, its last words: "out of coffee"`,
    );
  },
);

law("run() takes for a success what isSuccess says", async ({ processes, path }) => {
  const isSuccess = (code: number) => code === 3;
  const output = await processes.run(path("exit-3"), [], { isSuccess });
  assertEquals(output, { code: 3, stdout: "", stderr: "first\nout of coffee\n" });
  const error = await processErrorOf(() => processes.run(path("hello"), [], { isSuccess }));
  assertEquals(error.message, `Cannot run ${path("hello")}: it exited with code 0`);
});

law("run() keeps just the end of the standard error", async ({ processes, path }) => {
  const error = await processErrorOf(() => processes.run(path("noise")));
  assertEquals(error.stderr, `${"x".repeat(4096 - 8)}the end\n`);
});

law("run() stops a program that writes too much, and names the limit", async (setting) => {
  const { processes, path } = setting;
  const error = await processErrorOf(() =>
    processes.run(path("yes"), [], { maxOutputBytes: 100_000 })
  );
  assertEquals(error.code, "output-too-long");
  assertStringIncludes(error.message, "it wrote more than maxOutputBytes (100000 bytes)");
});

law("run() of what is not there says so", async ({ processes, path }) => {
  const error = await processErrorOf(() => processes.run("no-such-program-here", ["x"]));
  assertEquals(error.code, "not-found");
  assertEquals(
    error.message,
    "Cannot run no-such-program-here x: no such program is on the PATH",
  );
  assertEquals((await processErrorOf(() => processes.run(path("none")))).code, "not-found");
});

law("run() that is cancelled stops the program and rejects with Cancelled", async (setting) => {
  const { processes, path } = setting;
  for (const name of ["sleep", "yes"]) {
    const controller = new AbortController();
    const running = processes.parseOut(path(name), [], (stdout) => {
      controller.abort(new Error("enough"));
      return readText(stdout);
    }, { signal: controller.signal });
    await assertRejects(() => running, Cancelled, "enough");
  }
});

law("run() under an aborted signal starts nothing", async ({ processes, path }) => {
  const signal = AbortSignal.abort(new Error("before"));
  await assertRejects(() => processes.run(path("none"), [], { signal }), Cancelled, "before");
});

law("run() stops a program at its timeout, and says so", async ({ clock, processes, path }) => {
  const running = processErrorOf(() => processes.run(path("sleep"), [], { timeoutMs: 50 }));
  await clock.untilTimers(1);
  clock.tick(50);
  const error = await running;
  assertEquals(error.code, "timed-out");
  assertEquals(error.status, { kind: "signalled", signal: "SIGTERM" });
  assertEquals(
    error.message,
    `Cannot run ${path("sleep")}: it ran for more than timeoutMs (50 ms), and was ended by SIGTERM`,
  );
});

law("parseOut() returns what is made of the output", async ({ processes, path }) => {
  const length = async (stdout: ByteSource) => (await readText(stdout)).length;
  assertEquals(await processes.parseOut(path("hello"), [], length), 6);
});

law("parseOut() drops what is left unread", async ({ processes, path }) => {
  const first = async (stdout: ByteSource) => {
    const buffer = new Uint8Array(1);
    await stdout.read(buffer);
    return buffer[0];
  };
  const stdin = "x".repeat(300_000);
  assertEquals(await processes.parseOut(path("cat"), [], first, { stdin }), 120);
});

law("parseOut() stops the program when the parser refuses", async ({ processes, path }) => {
  const refuse = () => {
    throw new SyntaxError("not mine");
  };
  const running = processes.parseOut(path("yes"), [], refuse);
  await assertRejects(() => running, SyntaxError, "not mine");
});

law("parseOut() reports the program before the parser that met its end", async (setting) => {
  const { processes, path } = setting;
  const needsMore = async (stdout: ByteSource) => {
    throw new SyntaxError(`short: ${await readText(stdout)}`);
  };
  const error = await processErrorOf(() => processes.parseOut(path("exit-3"), [], needsMore));
  assertEquals([error.code, String(error.cause)], ["failed", "SyntaxError: short: "]);
  const running = processes.parseOut(path("hello"), [], needsMore);
  await assertRejects(() => running, SyntaxError, "short: hello\n");
});

law("a process is asked to end with its switch", async ({ processes, path }) => {
  let status;
  await Switch.run(async (sw) => {
    const process = await processes.spawn(sw, path("polite"), [], { stdout: "piped" });
    await untilReady(process);
    status = process.status();
  });
  assertEquals(await status, { kind: "exited", code: 7 });
});

law("one that does not end is killed after the grace", async ({ clock, processes, path }) => {
  let process: Process | undefined;
  const running = Switch.run(async (sw) => {
    const options = { stdout: "piped", graceMs: 100 } as const;
    process = await processes.spawn(sw, path("stubborn"), [], options);
    await untilReady(process);
  });
  await clock.untilTimers(1);
  clock.tick(99);
  await Fiber.yield();
  clock.tick(1);
  await running;
  assertEquals(await process!.status(), { kind: "signalled", signal: "SIGKILL" });
});

law("with no grace it is killed at once", async ({ processes, path }) => {
  let process: Process | undefined;
  await Switch.run(async (sw) => {
    process = await processes.spawn(sw, path("polite"), [], { graceMs: 0 });
  });
  assertEquals(await process!.status(), { kind: "signalled", signal: "SIGKILL" });
});

law("a cancelled switch stops a process that a fiber waits for", async ({ processes, path }) => {
  const running = Switch.run(async (sw) => {
    const process = await processes.spawn(sw, path("sleep"));
    sw.fork(async () => {
      assertEquals(await process.status(), { kind: "signalled", signal: "SIGTERM" });
      throw new Error("the fiber saw it");
    });
    sw.fail(new Error("over"));
  });
  const error = await assertRejects(() => running, AggregateError);
  assertEquals(error.errors.map(({ message }) => message), ["over", "the fiber saw it"]);
});

law("the end of a process is no failure of its switch", async ({ processes, path }) => {
  await Switch.run(async (sw) => {
    const process = await processes.spawn(sw, path("exit-3"));
    assertEquals(await process.status(), { kind: "exited", code: 3 });
    await processErrorOf(() => process.success());
    assertEquals(await process.success({ isSuccess: () => true }), 3);
  });
});

law("the end of a process is told as often as one asks", async ({ processes, path }) => {
  await Switch.run(async (sw) => {
    const process = await processes.spawn(sw, path("hello"));
    const both = await Promise.all([process.status(), process.status()]);
    assertEquals(both, [{ kind: "exited", code: 0 }, { kind: "exited", code: 0 }]);
    assertEquals(await process.success(), 0);
    assertEquals(await process.success(), 0);
  });
});

law("the end of a process is told whatever the signal says", async ({ processes, path }) => {
  await Switch.run(async (sw) => {
    const process = await processes.spawn(sw, path("hello"));
    await process.status();
    const signal = AbortSignal.abort();
    assertEquals(await process.status({ signal }), { kind: "exited", code: 0 });
    assertEquals(await process.success({ signal }), 0);
  });
});

law("a run that is cancelled while its output is parsed is Cancelled", async (setting) => {
  const { processes, path } = setting;
  const controller = new AbortController();
  const running = processes.parseOut(path("mute"), [], async (stdout) => {
    assertEquals(await readText(stdout), "");
    controller.abort(new Error("enough"));
    for (let i = 0; i < 10; i++) await Fiber.yield(); // the program has time to end
  }, { signal: controller.signal });
  await assertRejects(() => running, Cancelled, "enough");
});

law("a signal to a process that has ended does nothing", async ({ processes, path }) => {
  await Switch.run(async (sw) => {
    const process = await processes.spawn(sw, path("hello"));
    await process.status();
    process.kill();
    process.kill("SIGKILL");
    assertEquals(await process.status(), { kind: "exited", code: 0 });
  });
});

law("kill() sends the signal that it is told", async ({ processes, path }) => {
  await Switch.run(async (sw) => {
    const process = await processes.spawn(sw, path("sleep"));
    process.kill("SIGKILL");
    assertEquals(await process.status(), { kind: "signalled", signal: "SIGKILL" });
    const error = await processErrorOf(() => process.success({ isSuccess: () => true }));
    assertStringIncludes(error.message, "it was ended by SIGKILL");
  });
});

law("a wait for the end can be given up, and the process goes on", async ({ processes, path }) => {
  await Switch.run(async (sw) => {
    const process = await processes.spawn(sw, path("sleep"));
    const controller = new AbortController();
    const waits = [process.status({ signal: controller.signal })];
    waits.push(process.success({ signal: controller.signal }).then());
    controller.abort(new Error("enough"));
    for (const wait of waits) await assertRejects(() => wait, Cancelled, "enough");
    process.kill("SIGKILL");
    assertEquals(await process.status(), { kind: "signalled", signal: "SIGKILL" });
  });
});

law("a conversation goes over its pipes", async ({ processes, path }) => {
  await Switch.run(async (sw) => {
    const pipes = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
    await using process = await processes.spawn(sw, path("cat"), [], pipes);
    const buffer = new Uint8Array(100);
    for (const word of ["one", "two"]) {
      await process.stdin.write(encoder.encode(word));
      const count = await process.stdout.read(buffer);
      assertEquals(new TextDecoder().decode(buffer.subarray(0, count!)), word);
    }
    await process.stdin.close();
    await process.stdin.close();
    assertEquals(await process.stdout.read(buffer), null);
    assertEquals(await process.stderr.read(buffer), null);
    assertEquals(await process.success(), 0);
  });
});

law("a stream that is not piped cannot be used", async ({ processes, path }) => {
  await Switch.run(async (sw) => {
    const process = await processes.spawn(sw, path("hello"));
    for (const name of ["stdin", "stdout", "stderr"] as const) {
      assertThrows(() => process[name], TypeError, `spawn it with { ${name}: "piped" }`);
    }
  });
});

law("a timeout stops a spawned process as well", async ({ clock, processes, path }) => {
  await Switch.run(async (sw) => {
    const process = await processes.spawn(sw, path("sleep"), [], { timeoutMs: 10 });
    clock.tick(10);
    assertEquals(await process.status(), { kind: "signalled", signal: "SIGTERM" });
    assertEquals((await processErrorOf(() => process.success())).code, "timed-out");
  });
});

law("a process that ends in time leaves no timer", async ({ clock, processes, path }) => {
  await processes.run(path("hello"), [], { timeoutMs: 1000 });
  assertEquals(clock.timers, 0);
});

law("an input that nobody closed is closed with its process", async ({ processes, path }) => {
  await Switch.run(async (sw) => {
    const process = await processes.spawn(sw, path("hello"), [], { stdin: "piped" });
    await process.status();
    while (sw.inspect().releases > 0) await Fiber.yield();
    const error = await processErrorOf(() => process.stdin.write(encoder.encode("x")));
    assertEquals(error.code, "closed");
    await process.stdin.close();
  });
});

law("a process that has ended leaves nothing in its switch", async ({ processes, path }) => {
  await Switch.run(async (sw) => {
    const pipes = { stdin: "piped", stdout: "piped" } as const;
    const process = await processes.spawn(sw, path("hello"), [], pipes);
    assertEquals(sw.inspect().releases, 1);
    assertEquals(await readText(process.stdout), "hello\n");
    await process.status();
    while (sw.inspect().releases > 0) await Fiber.yield();
  });
});

law("nothing is started in a switch that is cancelled", async ({ processes, path }) => {
  const running = Switch.run(async (sw) => {
    sw.fail(new Error("over"));
    await processes.spawn(sw, path("none"));
  });
  await assertRejects(() => running, Error, "over");
});

Deno.test("real processes: parseOut() of wc counts the lines of its input", async () => {
  const { processes } = realEnv();
  const count = async (stdout: ByteSource) => (await readText(stdout)).trim();
  assertEquals(await processes.parseOut("wc", ["-l"], count, { stdin: "one\ntwo\nthree\n" }), "3");
});

Deno.test("real processes: the command line is quoted as a shell would need it", async () => {
  const error = await processErrorOf(() => realEnv().processes.run("sh", ["-c", "exit 3"]));
  assertEquals(error.message, 'Cannot run sh -c "exit 3": it exited with code 3');
  const long = ["-c", "exit 1", "x".repeat(5000)];
  assert((await processErrorOf(() => realEnv().processes.run("sh", long))).message.length < 1100);
});

Deno.test("real processes: nothing is left of one when its switch has ended", async () => {
  const { processes } = realEnv();
  const pid = await Switch.run(async (sw) => {
    const process = await processes.spawn(sw, "sleep", ["1000"]);
    assert((await Deno.stat(`/proc/${process.pid}`)).isDirectory);
    return process.pid;
  });
  await assertRejects(() => Deno.stat(`/proc/${pid}`), Deno.errors.NotFound); // not even a zombie
});

Deno.test("real processes: a program starts in its directory with its variables", async () => {
  const { processes, fs } = realEnv();
  const cwd = await fs.subtree("tmp");
  const script = ["-c", "pwd; echo $GREETING $HOME_OF_TEST"];
  Deno.env.set("HOME_OF_TEST", "house");
  try {
    const env = { GREETING: "hi" };
    const added = await processes.run("sh", script, { cwd, env });
    assertEquals(added.stdout, `${cwd.path}\nhi house\n`);
    const alone = await processes.run("/bin/sh", script, { cwd: "/", env, clearEnv: true });
    assertEquals(alone.stdout, "/\nhi\n");
  } finally {
    Deno.env.delete("HOME_OF_TEST");
  }
});

Deno.test("real processes: what cannot be started is told in a sentence", async () => {
  const { processes } = realEnv();
  const path = `${folder}/plain.txt`;
  await Deno.writeTextFile(path, "no program");
  const refused = await processErrorOf(() => processes.run(path));
  assertEquals(refused.code, "permission-denied");
  assertStringIncludes(refused.message, "the file is no program, or may not be executed");
  const nowhere = await processErrorOf(() => processes.run("ls", [], { cwd: "/none" }));
  assertEquals(nowhere.message, 'Cannot run ls: there is no directory "/none"');
});

Deno.test(
  "real processes: a program without the permission says so",
  { permissions: { run: false } },
  async () => {
    const error = await processErrorOf(() => denoProcesses(new FakeClock()).run("ls"));
    assertEquals(error.code, "permission-denied");
    assertStringIncludes(error.message, "--allow-run=ls");
  },
);

Deno.test("real processes: a timeout is not held up by a child that has the pipes open", async () => {
  const clock = new FakeClock();
  const script = "sleep 1000 & echo $!; wait";
  let child = 0;
  const running = denoProcesses(clock).parseOut("sh", ["-c", script], async (stdout) => {
    const buffer = new Uint8Array(100);
    const count = await stdout.read(buffer);
    child = Number(new TextDecoder().decode(buffer.subarray(0, count!)));
    clock.tick(10);
    return await readText(stdout);
  }, { timeoutMs: 10, graceMs: 0 });
  assertEquals((await processErrorOf(() => running)).code, "timed-out");
  Deno.kill(child, "SIGKILL");
});

Deno.test("Tail keeps the last bytes, and no half character", async () => {
  const chunks = ["abc", "é", "defg"].map((text) => encoder.encode(text));
  const source = {
    read(buffer: Uint8Array) {
      const chunk = chunks.shift();
      if (chunk !== undefined) buffer.set(chunk);
      return Promise.resolve(chunk?.length ?? null);
    },
  };
  const tail = new Tail(source, 5);
  await tail.ended;
  assertEquals(tail.text, "defg");
});

Deno.test("FakeProcesses remembers what was started", async () => {
  const processes = new FakeProcesses(new FakeClock(), { ls: () => {} });
  await processes.run("ls", ["-l"]);
  await processErrorOf(() => processes.run("toString"));
  assertEquals(processes.started, [{ command: "ls", args: ["-l"] }]);
});

Deno.test("FakeProcesses ends a script that throws with code 1", async () => {
  const processes = new FakeProcesses(new FakeClock(), {
    make: () => {
      throw new Error("no rule");
    },
  });
  const error = await processErrorOf(() => processes.run("make"));
  assertEquals([error.status, error.stderr], [{ kind: "exited", code: 1 }, "Error: no rule"]);
});
