/**
 * The README and the pages beside it say nothing that is not so: what they show is run, and what they
 * list is compared.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { configTable } from "../src/config.ts";
import { type Connection, REFUSAL_CODES } from "../src/mod.ts";
import { matrixTable } from "./pool/kill_matrix.ts";
import project from "../deno.json" with { type: "json" };
import { PROGRAM, Serving } from "./serving.ts";

const ROOT = new URL("../", import.meta.url);
const README = await Deno.readTextFile(new URL("README.md", ROOT));
const page = (name: string) => Deno.readTextFile(new URL(`docs/${name}.md`, ROOT));

/** What is in the fenced blocks of a language. */
function blocks(language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "gm");
  return [...README.matchAll(fence)].map(([, block = ""]) => block);
}

/** The block that holds `text`, which must be there. */
function blockWith(language: string, text: string): string {
  const block = blocks(language).find((block) => block.includes(text));
  if (block === undefined) throw new Error(`The README has no ${language} block with "${text}"`);
  return block;
}

/** The first cells of the rows of a table, by the heading of its first column. */
function firstCells(heading: string): string[] {
  const lines = README.split("\n");
  const start = lines.findIndex((line) => new RegExp(`^\\| ${heading} +\\|`).test(line));
  const rows = lines.slice(start + 2);
  return rows.slice(0, rows.indexOf("")).map((row) => /`(.+?)`/.exec(row)?.[1] ?? row);
}

/** A line of the log without what differs from run to run. */
function withoutFigures(line: string): string {
  return line.replaceAll(/\d+/g, "0");
}

/** Says what stands behind `> ` in a transcript, and returns the transcript as it went. */
async function replay(transcript: string, { reader, writer }: Connection): Promise<string> {
  let heard = "";
  for (const line of transcript.split("\n")) {
    if (line.startsWith("> ")) writer.writeLine(line.slice(2));
    const isShell = line === "" || line.startsWith("$ ");
    heard += isShell || line.startsWith("> ") ? `${line}\n` : `${await reader.readLine()}\n`;
  }
  return heard.slice(0, -1);
}

Deno.test("README: the conversation goes as it says", async () => {
  await using serving = await Serving.start(PROGRAM);
  const conversation = blockWith("console", "> sha256 hello");
  assertEquals(await serving.client((client) => replay(conversation, client)), conversation);
});

Deno.test("README: a server says at its start what it says there", async () => {
  await using serving = await Serving.start(PROGRAM);
  const announcement = blockWith("log", " listening ").trim();
  assertEquals(withoutFigures(serving.announcement), withoutFigures(announcement));
});

Deno.test("README: a job is killed when its client leaves, and the log says so", async () => {
  await using serving = await Serving.start(PROGRAM);
  await serving.client(async ({ writer }) => {
    writer.writeLine("spin");
    await writer.flush();
    await serving.client(untilRunning);
  });
  const line = await serving.logLine(/job=spin/);
  assertEquals(withoutFigures(line), withoutFigures(blockWith("log", "job=spin").trim()));
});

/** Asks for figures until they show a job that has begun. */
async function untilRunning({ reader, writer }: Connection): Promise<void> {
  let isRunning = false;
  while (!isRunning) {
    writer.writeLine("STATS");
    for await (const line of reader) {
      if (/^running: +1$/.test(String(line))) isRunning = true;
      if (line === ".") break;
    }
  }
}

Deno.test("README: the job file is served", async () => {
  const folder = await Deno.makeTempDir({ prefix: "switchyard-" });
  try {
    await Deno.writeTextFile(`${folder}/reverse.ts`, blockWith("ts ignore", "my_jobs/reverse.ts"));
    await using serving = await Serving.start(PROGRAM, "--jobs", folder);
    const transcript = blockWith("console", "> reverse");
    assertEquals(await serving.client((client) => replay(transcript, client)), transcript);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("README: the example of the library prints its lines in their order", async () => {
  const example = blockWith("ts", "Switch.run");
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--ext=ts", example],
    cwd: ROOT,
    stderr: "inherit",
  }).output();
  const lines = [...example.matchAll(/"(\d: .*?)"/g)].map(([, line]) => line).sort();
  assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), lines);
  assertEquals(lines.length, 4);
});

Deno.test("docs/operations.md: the table of flags is the table of options", async () => {
  assertStringIncludes(await page("operations"), configTable());
});

Deno.test("docs/isolation.md: the table of what stops is the one that is tested", async () => {
  assertStringIncludes(await page("isolation"), matrixTable());
});

Deno.test("README: the table of codes has every code", () => {
  assertEquals(firstCells("Code").toSorted(), [...REFUSAL_CODES].toSorted());
});

Deno.test("README: the table of tasks has every task", () => {
  const tasks = Object.keys(project.tasks).map((name) => `deno task ${name}`);
  assertEquals(firstCells("Task"), tasks);
});

Deno.test("README: every page that it names, and every heading there, exists", async () => {
  const pages = await Array.fromAsync(Deno.readDir(new URL("docs/", ROOT)));
  const files = pages.filter(({ isFile }) => isFile).map(({ name }) => `docs/${name}`);
  for (const file of ["README.md", ...files]) {
    const url = new URL(file, ROOT);
    for (const [, target = ""] of (await Deno.readTextFile(url)).matchAll(/\]\(([^):]+)\)/g)) {
      await Deno.stat(new URL(target, url));
      const [, heading] = target.split("#");
      if (heading === undefined) continue;
      const text = await Deno.readTextFile(new URL(target.replace(/#.*/, ""), url));
      assertStringIncludes(text.toLowerCase().replaceAll(/[ `]/g, "-"), `-${heading}\n`);
    }
  }
});

Deno.test("README: the version is the one that the first commands name, everywhere", () => {
  const versions = new Set(README.match(/(?<=deno@|Deno )\d+\.\d+\.\d+/g));
  assertEquals(versions.size, 1);
});
