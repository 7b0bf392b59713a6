import { ROOT } from "./servers.ts";

/** Puts what a bench has found into a page, between the comments that bear its name. */
export async function writeSection(
  name: string,
  markdown: string,
  path = "docs/comparison.md",
): Promise<void> {
  const page = new URL(path, ROOT);
  const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const text = await Deno.readTextFile(page);
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(`Cannot write into ${path}: there is no section ${start} … ${end}`);
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
  await Deno.writeTextFile(page, text.slice(0, from) + section + text.slice(to));
}
