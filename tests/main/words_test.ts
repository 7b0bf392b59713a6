import { assertEquals, assertMatch } from "@std/assert";
import { type ProgramOptions, run } from "./program.ts";

interface Case extends ProgramOptions {
  readonly args: readonly string[];
  readonly code: number;
  readonly stdout?: RegExp;
  readonly stderr?: RegExp;
}

const NOTHING = /^$/;

/** What the program says to each command line; a case without a stream expects nothing on it. */
const cases: Readonly<Record<string, Case>> = {
  "--help says how to use it": {
    args: ["--help"],
    code: 0,
    stdout: /^Switchyard: lines in, results out.*serve \[flags\]/s,
  },
  "-h is --help": { args: ["-h"], code: 0, stdout: /^Switchyard: / },
  "--version says what it is, and on which Deno": {
    args: ["--version"],
    code: 0,
    stdout: /^switchyard \d+\.\d+\.\d+ \(deno 2\.\S+, v8 \S+\)\n$/,
  },
  "serve --help names every flag": {
    args: ["serve", "--help"],
    code: 0,
    stdout: /--listen ADDRESS .*--max-in-flight N .*--log text\|json .*SWITCHYARD_/s,
  },
  "serve --version is --version": { args: ["serve", "--version"], code: 0, stdout: /^switchyard / },
  "No command is a wrong call, and help": { args: [], code: 2, stderr: /^Switchyard: / },
  "An unknown command is a wrong call": {
    args: ["server"],
    code: 2,
    stderr: /^switchyard: Cannot do "server": see --help\n$/,
  },
  "A wrong value is a wrong call, and one sentence": {
    args: ["serve", "--cores", "many"],
    code: 2,
    stderr:
      /^switchyard: Cannot use --cores "many": it takes a whole number from 1 to 1024, or all\n$/,
  },
  "A duration without its unit is a wrong value": {
    args: ["serve", "--drain", "10"],
    code: 2,
    stderr:
      /^switchyard: Cannot use --drain "10": it takes a time from .* such as 250ms, 10s or 2m\n$/,
  },
  "An unknown flag is a wrong call, and names the one that was meant": {
    args: ["serve", "--core=2"],
    code: 2,
    stderr: /^switchyard: Cannot use --core: there is no such flag; did you mean --cores\?\n$/,
  },
  "A wrong variable is a wrong call": {
    args: ["serve"],
    env: { SWITCHYARD_LOG: "xml" },
    code: 2,
    stderr: /^switchyard: Cannot use SWITCHYARD_LOG "xml": it takes text or json\n$/,
  },
  "An unknown variable is a wrong call, and names the one that was meant": {
    args: ["serve"],
    env: { SWITCHYARD_CORE: "2" },
    code: 2,
    stderr:
      /^switchyard: Cannot use SWITCHYARD_CORE: there is no such variable; did you mean SWITCHYARD_CORES\?\n$/,
  },
  "An address that is none of this machine's is a failure": {
    args: ["serve", "--listen", "192.0.2.1:80", "--insecure"],
    code: 1,
    stderr:
      /^switchyard: Cannot listen on 192\.0\.2\.1:80: no network interface of this machine has that address\n$/,
  },
  "A folder of jobs that is missing is a failure": {
    args: ["serve", "--listen", ":0", "--jobs", "/nowhere/jobs"],
    code: 1,
    stderr:
      /^switchyard: Cannot use --jobs "\/nowhere\/jobs": there is no such file or directory\n$/,
  },
  "A folder of jobs that is a file is a failure": {
    args: ["serve", "--listen", ":0", "--jobs", "deno.json"],
    code: 1,
    stderr: /^switchyard: Cannot use --jobs "deno.json": it is not a directory\n$/,
  },
  "Without the permission to read variables it says so": {
    args: ["serve", "--listen", ":0"],
    permissions: ["--allow-net", "--allow-read"],
    code: 1,
    stderr:
      /^switchyard: Cannot serve: Requires env access, run again with the --allow-env flag\n$/,
  },
  "Without the permission to read variables a call says so": {
    args: ["call", "fib", "30"],
    permissions: ["--allow-net", "--allow-read"],
    code: 4,
    stderr:
      /^switchyard: Cannot call: Requires env access to "SWITCHYARD_SERVER", run again with .* flag\n$/,
  },
  "Without the permission to read files it says so": {
    args: ["serve", "--listen", ":0"],
    permissions: ["--allow-net", "--allow-env"],
    code: 1,
    stderr: /^switchyard: Cannot read switchyard\.json: .* to "\/\w.*with the --allow-read flag\n$/,
  },
  "Without the permission to listen it says so": {
    args: ["serve", "--listen", ":0"],
    permissions: ["--allow-read", "--allow-env"],
    code: 1,
    stderr: /^switchyard: Cannot listen on 127.0.0.1:0: .*run again with the --allow-net flag\n$/,
  },
};

for (
  const [name, { args, code, stdout = NOTHING, stderr = NOTHING, ...options }] of Object.entries(
    cases,
  )
) {
  Deno.test(`The program: ${name}`, async () => {
    const end = await run(args, options);
    assertMatch(end.stderr, stderr);
    assertMatch(end.stdout, stdout);
    assertEquals(end.code, code);
  });
}

Deno.test("The program: a port in use is a failure, and one sentence", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${taken.addr.port}`;
  const end = await run(["serve", "--listen", address]);
  assertEquals(end, {
    code: 1,
    stdout: "",
    stderr: `switchyard: Cannot listen on ${address}: the address is in use by another socket\n`,
  });
});

Deno.test("The program: a folder of jobs with none that can be used is a failure, and each is named", async () => {
  await withFolder(
    { "half.ts": "export default {", "throws.ts": 'throw new Error("not today");' },
    async (folder) => {
      const { code, stderr } = await run(["serve", "--listen", ":0", "--jobs", folder]);
      const lines = stderr.trimEnd().split("\n");

      assertMatch(lines[0]!, /job file file=\S+half\.ts reason="SyntaxError: (?!.*\\[nu]).*"$/);
      assertMatch(lines[1]!, /ERROR Cannot use a job file file=\S+throws\.ts reason="not today"$/);
      assertEquals(lines.slice(2), [`switchyard: ${noneUsable(folder)}`]);
      assertEquals(code, 1);
    },
  );
});

Deno.test("The program: a folder without jobs is a failure, and one sentence", async () => {
  await withFolder({}, async (folder) => {
    const { code, stderr } = await run(["serve", "--listen", ":0", "--jobs", folder]);

    assertEquals(stderr, `switchyard: ${noneUsable(folder)}\n`);
    assertEquals(code, 1);
  });
});

function noneUsable(folder: string): string {
  return `Cannot open the pool: no job file in ${folder} could be used`;
}

async function withFolder(
  files: Readonly<Record<string, string>>,
  fn: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
