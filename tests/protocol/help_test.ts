import { assertEquals } from "@std/assert";
import { helpLines, jobHelpLines, jobsLines, statsLines } from "../../src/protocol/mod.ts";

const JOBS = [
  { name: "fib", summary: "The n-th Fibonacci number", examples: ["30", "0x1e"] },
  { name: "sha256", summary: "SHA-256 of the text,\nin hex", examples: ["hello"] },
  { name: "spin", summary: "Burns CPU for ever" },
];

Deno.test("helpLines() speaks of numbers only where a job takes them", () => {
  const speaks = (defaultJob: string) =>
    helpLines(JOBS, defaultJob).join("\n").includes("a number alone");
  assertEquals([speaks("fib"), speaks("nothing")], [true, false]);
});

Deno.test("helpLines() shows a line to try for each job, aligned", () => {
  assertEquals(helpLines(JOBS, "fib"), [
    "One line is one request. Replies come in the order of the requests.",
    "",
    "  fib 30        The n-th Fibonacci number",
    "  sha256 hello  SHA-256 of the text, in hex",
    "  spin          Burns CPU for ever",
    "  30            a number alone goes to fib",
    "",
    "  HELP name     more about one job",
    "  JOBS          all jobs, one a line",
    "  CANCEL n      stops request n: your lines count from 1",
    "  PING          PONG",
    "  STATS         what the server does and has done",
    "  STATS name    the same of one job",
    "  AUTH token    says who you are, where that is asked",
    "  QUIT          goodbye",
  ]);
});

Deno.test("jobHelpLines() shows every example of a job as a line to type", () => {
  assertEquals(jobHelpLines({ name: "fib", summary: "F(n)", examples: ["30", "0x1e", "1\n2"] }), [
    "fib: F(n)",
    "",
    "  fib 30",
    "  fib 0x1e",
  ]);
});

Deno.test("jobHelpLines() is one line for a job without examples", () => {
  assertEquals(jobHelpLines({ name: "spin", summary: "Burns CPU" }), ["spin: Burns CPU"]);
});

Deno.test("jobHelpLines() says what a job takes, its limits, and what it asks for", () => {
  const job = { name: "fetch", summary: "Gets a page", examples: ["http://a.com"], takes: "a URL" };
  const limits = { deadlineMs: 2_500, memoryMb: 64 };
  assertEquals(jobHelpLines({ ...job, ...limits, asksFor: "net (a.com)", denial: "It may not" }), [
    "fetch: Gets a page",
    "",
    "  takes     a URL",
    "  limits    2.5 s, 64 MiB of heap",
    "  asks for  net (a.com)",
    "  DENIED    It may not",
    "",
    "  fetch http://a.com",
  ]);
});

Deno.test("jobsLines() says which jobs are denied", () => {
  assertEquals(jobsLines([{ name: "fetch", summary: "Gets a page", denial: "It may not" }]), [
    "fetch  Gets a page (DENIED: see HELP fetch)",
  ]);
});

Deno.test("jobsLines() shows a job a line, aligned, and none for none", () => {
  assertEquals(jobsLines(JOBS), [
    "fib     The n-th Fibonacci number",
    "sha256  SHA-256 of the text, in hex",
    "spin    Burns CPU for ever",
  ]);
  assertEquals(jobsLines([]), []);
});

Deno.test("statsLines() shows key and value, aligned", () => {
  assertEquals(statsLines({ connections: 2, "jobs done": 1234, isolation: "worker" }), [
    "connections:  2",
    "jobs done:    1234",
    "isolation:    worker",
  ]);
});
