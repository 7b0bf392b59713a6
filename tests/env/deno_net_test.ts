import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Address, type Net, NetError, type NetErrorCode, realEnv } from "../../src/env/mod.ts";
import { Switch } from "../../src/switch/mod.ts";

/** Runs `test` with a path for a socket in a new folder. */
async function withPath(
  test: (sw: Switch, net: Net, address: Address & { path: string }) => Promise<void>,
) {
  const folder = await Deno.makeTempDir();
  try {
    const address = { transport: "unix", path: `${folder}/server.sock` } as const;
    await Switch.run((sw) => test(sw, realEnv().net, address));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function assertCannotListen(address: Address, code: NetErrorCode): Promise<NetError> {
  return await Switch.run(async (sw) => {
    const error = await assertRejects(() => realEnv().net.listen(sw, address), NetError);
    assertEquals(error.code, code);
    return error;
  });
}

Deno.test("Net.listen() on a Unix socket removes its file when the listener closes", async () => {
  await withPath(async (sw, net, address) => {
    const listener = await net.listen(sw, address);
    assert((await Deno.lstat(address.path)).isSocket);
    listener.close();
    await assertRejects(() => Deno.lstat(address.path), Deno.errors.NotFound);
  });
});

Deno.test("Net.listen() replaces a Unix socket whose process has died", async () => {
  await withPath(async (sw, net, address) => {
    const code = `Deno.listen({ transport: "unix", path: ${JSON.stringify(address.path)} });
      Deno.kill(Deno.pid, "SIGKILL");`;
    await new Deno.Command(Deno.execPath(), { args: ["eval", code] }).output();
    assert((await Deno.lstat(address.path)).isSocket);
    const listener = await net.listen(sw, address);
    const client = await net.connect(sw, address);
    (await listener.accept()).close();
    client.close();
  });
});

Deno.test("Net.listen() leaves a Unix socket that is answered, and a file that is none", async () => {
  await withPath(async (sw, net, address) => {
    await net.listen(sw, address);
    await assertCannotListen(address, "address-in-use");
    const path = `${address.path}.txt`;
    await Deno.writeTextFile(path, "precious");
    await assertCannotListen({ transport: "unix", path }, "address-in-use");
    assertEquals(await Deno.readTextFile(path), "precious");
  });
});

Deno.test("Net.listen() shares the port of an IP address only", async () => {
  await Switch.run(async (sw) => {
    const named = { transport: "tcp", hostname: "localhost", port: 0 } as const;
    await assertRejects(
      () => realEnv().net.listen(sw, named, { reusePort: true }),
      NetError,
      "Cannot share the port of localhost:0: it takes an IP address",
    );
  });
});

Deno.test("Net.listen() says what is wrong with an address", async () => {
  const error = await assertCannotListen(
    { transport: "tcp", hostname: "192.0.2.1", port: 80 },
    "address-not-available",
  );
  assertEquals(
    error.message,
    "Cannot listen on 192.0.2.1:80: no network interface of this machine has that address",
  );
  const range = { transport: "tcp", hostname: "127.0.0.1", port: 70_000 } as const;
  assertStringIncludes((await assertCannotListen(range, "other")).message, "70000");
});

Deno.test(
  "Net.listen() without the permission says so",
  { permissions: { net: false } },
  async () => {
    await assertCannotListen(
      { transport: "tcp", hostname: "127.0.0.1", port: 0 },
      "permission-denied",
    );
  },
);

Deno.test("Net.connect() gives up when its signal is aborted", async () => {
  await Switch.run(async (sw) => {
    const { net } = realEnv();
    const controller = new AbortController();
    const reason = new Error("mine");
    const address = { transport: "tcp", hostname: "127.0.0.1", port: 9 } as const;
    const connecting = net.connect(sw, address, { signal: controller.signal });
    controller.abort(reason);
    assertEquals(await assertRejects(() => connecting), reason);
  });
});

Deno.test("Listener.accept() without a free file descriptor is too-many-files, and works again later", async () => {
  const code = `
    import { realEnv, Switch } from "./both.ts";
    await Switch.run(async (sw) => {
      const { net } = realEnv();
      const listener = await net.listen(sw, { transport: "tcp", hostname: "127.0.0.1", port: 0 });
      for (let i = 0; i < 4; i++) await net.connect(sw, listener.address);
      Deno.addSignalListener("SIGUSR2", () => {}); // its first use panics without a file descriptor
      const files = [];
      const fill = () => {
        try { for (;;) files.push(Deno.openSync("/dev/null")); } catch { /* full */ }
      };
      fill();
      const filling = setInterval(fill, 50); // the platform's own threads give some back
      let error;
      while (error === undefined) await listener.accept().catch((refusal) => error = refusal);
      clearInterval(filling);
      files.forEach((file) => file.close());
      await net.connect(sw, listener.address); // all who came before may have been let in
      (await listener.accept()).close();
      console.log(error.code);
      Deno.exit();
    });`;
  const source = new URL("../../src/", import.meta.url).href;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/both.ts`,
      `export * from "${source}env/mod.ts"; export * from "${source}switch/mod.ts";`,
    );
    await Deno.writeTextFile(`${folder}/main.ts`, code);
    const run = 'ulimit -n 64; exec "$0" run -A --no-check --config "$1" "$2"';
    const { stdout, stderr } = await new Deno.Command("sh", {
      args: ["-c", run, Deno.execPath(), config, `${folder}/main.ts`],
    }).output();
    assertEquals(
      new TextDecoder().decode(stdout).trim(),
      "too-many-files",
      new TextDecoder().decode(stderr),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
