import { type Option, OPTION_KEYS, OPTIONS, variableOf } from "./config_options.ts";

/** What `serve --help` prints. */
export function configHelp(): string {
  const rows = [
    ...options().map((option) => [flagAndValue(option), `${option.help} (${option.default})`]),
    ["--help, -h", "this text"],
    ["--version", "the versions of this program and of Deno"],
  ];
  const width = Math.max(...rows.map(([left = ""]) => left.length));
  return [
    "Serves jobs: a line in is a request, a line out is its reply.",
    "",
    "Usage: serve [flags]",
    "",
    ...rows.map(([left = "", right]) => `  ${left.padEnd(width)}  ${right}`),
    "",
    "Each flag is a variable too, and a key of the file: --max-queue is SWITCHYARD_MAX_QUEUE, and",
    '"maxQueue". A flag goes before a variable, a variable before the file, the file before the',
    "default; an empty variable counts as none.",
    "",
  ].join("\n");
}

/** The table of all options, in Markdown, with the reason of each default. */
export function configTable(): string {
  return [
    "| Flag | Variable | What it does | Default | Why |",
    "| --- | --- | --- | --- | --- |",
    ...options().map((option) => `| ${cells(option).map(escapeBars).join(" | ")} |`),
    "",
  ].join("\n");
}

function options(): Option<unknown>[] {
  return OPTION_KEYS.map((key) => OPTIONS[key]);
}

function flagAndValue({ flag, kind }: Option<unknown>): string {
  return `--${flag} ${kind.placeholder}`.trimEnd();
}

function cells(option: Option<unknown>): string[] {
  const flag = `\`${flagAndValue(option)}\``;
  const variable = `\`${variableOf(option.flag)}\``;
  return [flag, variable, option.help, `\`${option.default}\``, option.reason];
}

function escapeBars(cell: string): string {
  return cell.replaceAll("|", "\\|");
}
