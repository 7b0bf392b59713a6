import { ROOT } from "./servers.ts";

/** Puts what a bench has found into the README, between the comments that bear its name. */
export async function writeSection(name: string, markdown: string): Promise<void> {
  const readme = new URL("README.md", ROOT);
  const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const text = await Deno.readTextFile(readme);
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(`Cannot write into the README: there is no section ${start} … ${end}`);
  }
  const section = [
    start,
    "<!-- deno-fmt-ignore-start -->",
    "",
    markdown.trimEnd(),
    "",
    "<!-- deno-fmt-ignore-end -->",
    "",
  ].join("\n");
  await Deno.writeTextFile(readme, text.slice(0, from) + section + text.slice(to));
}
