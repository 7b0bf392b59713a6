import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  ConfigError,
  configHelp,
  configTable,
  isLoopback,
  type ListenPlace,
  parseConfig,
} from "../src/config.ts";
import { OPTION_KEYS, OPTIONS, variableOf } from "../src/config_options.ts";
import { type Address, fakeVars } from "../src/env/mod.ts";

function configOf(args: string, vars: Record<string, string> = {}) {
  const invocation = parseConfig(args === "" ? [] : args.split(" "), fakeVars(vars));
  if (invocation.kind !== "serve") throw new Error(`not a configuration: ${invocation.kind}`);
  return invocation.config;
}

const at = (address: ListenPlace["address"]): ListenPlace[] => [{ address, tls: false }];

const tcp = (hostname: string, port: number): Address => ({ transport: "tcp", hostname, port });

Deno.test("parseConfig() of nothing is the defaults of the design", () => {
  assertEquals(configOf(""), {
    config: "switchyard.json",
    listen: [{ address: tcp("127.0.0.1", 8080), tls: false }],
    reusePort: false,
    unixMode: 0o600,
    tlsCert: "none",
    tlsKey: "none",
    tlsClientCa: "none",
    tokens: "none",
    insecure: false,
    cores: "all",
    deadlineMs: 30_000,
    graceMs: 100,
    memoryMb: 128,
    isolation: "auto",
    onStuck: "processes",
    maxStuck: 4,
    jobs: "built-in",
    watch: false,
    maxConnections: 1024,
    maxInFlight: 64,
    rate: "off",
    lineMs: 30_000,
    idleMs: "off",
    maxQueue: 10_000,
    maxQueueMs: 60_000,
    maxLaneJobs: "off",
    maxLaneAgeMs: "off",
    coalesce: false,
    cacheMs: "off",
    cacheEntries: 1_000,
    cacheMb: 16,
    maxLineBytes: 65_536,
    maxReplyBytes: 65_536,
    maxPendingBytes: 1_048_576,
    stallMs: 10_000,
    maxProtocolErrors: 20,
    dialects: "all",
    drainMs: 10_000,
    logFormat: "text",
    logLevel: "info",
  });
});

Deno.test("parseConfig() takes a flag before a variable, and a variable before the default", () => {
  const vars = { SWITCHYARD_CORES: "2", SWITCHYARD_MAX_QUEUE: "5", HOME: "/" };
  const { cores, maxQueue, memoryMb } = configOf("--cores 3", vars);
  assertEquals({ cores, maxQueue, memoryMb }, { cores: 3, maxQueue: 5, memoryMb: 128 });
});

Deno.test("parseConfig() takes --flag=value as --flag value", () => {
  assertEquals(configOf("--cores=3 --log=json"), configOf("--cores 3 --log json"));
});

Deno.test("parseConfig() takes an empty variable for none", () => {
  assertEquals(configOf("", { SWITCHYARD_CORES: "" }), configOf(""));
});

Deno.test("parseConfig() checks each variable that no flag stands before", () => {
  const wrong = { SWITCHYARD_CORES: "none" };
  assertThrows(() => configOf("--log json", wrong), ConfigError, `SWITCHYARD_CORES "none"`);
});

const values: readonly [args: string, key: keyof ReturnType<typeof configOf>, value: unknown][] = [
  ["--listen 0.0.0.0:0", "listen", at(tcp("0.0.0.0", 0))],
  ["--coalesce on", "coalesce", true],
  ["--cache 10s", "cacheMs", 10_000],
  ["--cache off", "cacheMs", "off"],
  ["--listen localhost:65535", "listen", at(tcp("localhost", 65_535))],
  ["--listen [::1]:8080", "listen", at(tcp("::1", 8080))],
  ["--listen :9000", "listen", at(tcp("127.0.0.1", 9000))],
  ["--listen unix:/run/s.sock", "listen", at({ transport: "unix", path: "/run/s.sock" })],
  ["--listen tls:[::]:8443", "listen", [{ address: tcp("::", 8443), tls: true }]],
  ["--listen systemd", "listen", at({ transport: "systemd", name: undefined })],
  ["--listen tls:systemd:web", "listen", [{
    address: { transport: "systemd", name: "web" },
    tls: true,
  }]],
  ["--listen :1,unix:/s,:2", "listen", [
    ...at(tcp("127.0.0.1", 1)),
    ...at({ transport: "unix", path: "/s" }),
    ...at(tcp("127.0.0.1", 2)),
  ]],
  ["--reuse-port on", "reusePort", true],
  ["--unix-mode 660", "unixMode", 0o660],
  ["--tls-cert server.crt", "tlsCert", "server.crt"],
  ["--tokens env:TOKENS", "tokens", "env:TOKENS"],
  ["--rate 0.5", "rate", 0.5],
  ["--line-timeout 5s", "lineMs", 5_000],
  ["--idle-timeout 5m", "idleMs", 300_000],
  ["--max-pending-bytes 4096", "maxPendingBytes", 4096],
  ["--stall-timeout 1s", "stallMs", 1_000],
  ["--cores all", "cores", "all"],
  ["--deadline 250ms", "deadlineMs", 250],
  ["--deadline 1.5s", "deadlineMs", 1500],
  ["--deadline 2m", "deadlineMs", 120_000],
  ["--deadline 24h", "deadlineMs", 86_400_000],
  ["--grace 0ms", "graceMs", 0],
  ["--drain 1m", "drainMs", 60_000],
  ["--memory 64", "memoryMb", 64],
  ["--isolation process", "isolation", "process"],
  ["--jobs ./jobs", "jobs", "./jobs"],
  ["--max-connections 1", "maxConnections", 1],
  ["--max-in-flight 1", "maxInFlight", 1],
  ["--max-queue 0", "maxQueue", 0],
  ["--max-line-bytes 1024", "maxLineBytes", 1024],
  ["--dialects numbers", "dialects", "numbers"],
  ["--log json", "logFormat", "json"],
  ["--log-level debug", "logLevel", "debug"],
];

for (const [args, key, value] of values) {
  Deno.test(`parseConfig(${args}) sets ${key}, as the variable does`, () => {
    assertEquals(configOf(args)[key], value);
    const [flag = "", text = ""] = args.slice(2).split(" ");
    assertEquals(configOf("", { [variableOf(flag)]: text }), configOf(args));
  });
}

const wrong: readonly [args: string, sentence: string][] = [
  ["--cores 0", `Cannot use --cores "0": it takes a whole number from 1 to 1024, or all`],
  ["--cores -1", `Cannot use --cores "-1": it takes a whole number from 1 to 1024, or all`],
  ["--cores 1e3", `Cannot use --cores "1e3"`],
  ["--cores=", `Cannot use --cores ""`],
  [
    "--deadline 30",
    `Cannot use --deadline "30": it takes a time from 1ms to 24h, with its unit, such as 250ms, 10s or 2m`,
  ],
  ["--deadline 0ms", `Cannot use --deadline "0ms": it takes a time from 1ms`],
  ["--deadline 25h", `Cannot use --deadline "25h": it takes a time from 1ms to 24h`],
  ["--log xml", `Cannot use --log "xml": it takes text or json`],
  ["--isolation none", `Cannot use --isolation "none": it takes auto, worker or process`],
  ["--listen 8080", `Cannot use --listen "8080": it takes host:port, [ipv6]:port, :port`],
  ["--listen localhost", `Cannot use --listen "localhost"`],
  ["--listen ::1:8080", `Cannot use --listen "::1:8080"`],
  ["--listen a:65536", `Cannot use --listen "a:65536"`],
  ["--listen http://a:1", `Cannot use --listen "http://a:1"`],
  ["--listen unix:", `Cannot use --listen "unix:"`],
  ["--listen tls:", `Cannot use --listen "tls:"`],
  ["--listen tls:unix:/s", `Cannot use --listen "tls:unix:/s"`],
  ["--listen :1,", `Cannot use --listen ":1,"`],
  ["--unix-mode 0888", `Cannot use --unix-mode "0888": it takes three octal digits`],
  ["--rate 0", `Cannot use --rate "0": it takes a number from 0.01 to 1000000, of times a second`],
  ["--insecure=yes", `Cannot use --insecure "yes": it takes on or off`],
  ["--insecure yes", `Cannot use "yes": serve takes flags only, see --help`],
  ["--listen --cores 3", "Cannot use --listen without a value"],
  ["--listen=--cores", `Cannot use --listen "--cores"`],
  ["--listen", "Cannot use --listen without a value"],
  ["--cores 1 --cores 2", "Cannot use --cores twice: give one value"],
  ["--lisen :1", "Cannot use --lisen: there is no such flag; did you mean --listen?"],
  ["--max-ques 1", "Cannot use --max-ques: there is no such flag; did you mean --max-queue?"],
  ["--no-log", "Cannot use --no-log: there is no such flag; see --help"],
  ["--proxy", "Cannot use --proxy: there is no such flag; see --help"],
  ["-x", "Cannot use -x: there is no such flag; see --help"],
  ["now", `Cannot use "now": serve takes flags only, see --help`],
  ["-- now", `Cannot use "now": serve takes flags only, see --help`],
];

for (const [args, sentence] of wrong) {
  Deno.test(`parseConfig(${args}) says: ${sentence}`, () => {
    const error = assertThrows(() => configOf(args), ConfigError);
    assertStringIncludes(error.message, sentence);
  });
}

Deno.test("parseConfig() takes --listen as often as wanted, and --insecure as it stands", () => {
  const { listen, insecure } = configOf("--listen :1 --insecure --listen tls:a.example:2");
  assertEquals(insecure, true);
  assertEquals(listen, [...at(tcp("127.0.0.1", 1)), {
    address: tcp("a.example", 2),
    tls: true,
  }]);
});

Deno.test("parseConfig() names a variable that does not exist, and the one that was meant", () => {
  assertThrows(
    () => configOf("", { SWITCHYARD_LISEN: ":1" }),
    ConfigError,
    "Cannot use SWITCHYARD_LISEN: there is no such variable; did you mean SWITCHYARD_LISTEN?",
  );
});

Deno.test("parseConfig() leaves the variables of call alone", () => {
  const vars = { SWITCHYARD_SERVER: "example.com:1", SWITCHYARD_TOKEN_FILE: "token" };
  assertEquals(configOf("", vars), configOf(""));
});

Deno.test("parseConfig() names the variable whose value is wrong", () => {
  assertThrows(
    () => configOf("", { SWITCHYARD_MAX_QUEUE: "many" }),
    ConfigError,
    `Cannot use SWITCHYARD_MAX_QUEUE "many": it takes a whole number from 0 to 10000000`,
  );
});

Deno.test("parseConfig() takes --help and --version before all else", () => {
  assertEquals(parseConfig(["--nonsense", "--help"], fakeVars()), { kind: "help" });
  assertEquals(parseConfig(["-h"], fakeVars({ SWITCHYARD_X: "1" })), { kind: "help" });
  assertEquals(parseConfig(["--version"], fakeVars()), { kind: "version" });
});

Deno.test("parseConfig() gives a configuration or a ConfigError, whatever it is given", () => {
  const flag = fc.constantFrom(...OPTION_KEYS.map((key) => `--${OPTIONS[key].flag}`));
  const argument = fc.oneof(flag, fc.string(), fc.constantFrom("--", "-", "--=", "--cores=", "1s"));
  fc.assert(fc.property(fc.array(argument), (args) => {
    try {
      parseConfig(args, fakeVars());
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
  }));
});

Deno.test("configHelp() and configTable() name every flag, and its default", () => {
  for (const key of OPTION_KEYS) {
    const { flag, default: value, reason } = OPTIONS[key];
    assertStringIncludes(configHelp(), `--${flag} `);
    assertStringIncludes(configHelp(), `(${value})\n`);
    assertStringIncludes(configTable(), `\`${variableOf(flag)}\``);
    assertStringIncludes(configTable(), `| \`${value}\` | ${reason} |`);
  }
});

Deno.test("configTable() has five columns in every row, whatever a cell holds", () => {
  const columns = configTable().trimEnd().split("\n").map((row) =>
    row.split(/(?<!\\)\|/).length - 2
  );
  assertEquals(new Set(columns), new Set([5]));
});

Deno.test("isLoopback() is true for what only this machine reaches", () => {
  const near = [tcp("127.0.0.1", 1), tcp("127.9.9.9", 1), tcp("::1", 1), tcp("localhost", 1)];
  const far = [tcp("0.0.0.0", 1), tcp("::", 1), tcp("127.evil.example", 1), tcp("10.0.0.1", 1)];
  assertEquals(near.map(isLoopback), [true, true, true, true]);
  assertEquals(far.map(isLoopback), [false, false, false, false]);
  assertEquals(isLoopback({ transport: "unix", path: "/run/s.sock" }), true);
});
