import { parseArgs } from "@std/cli/parse-args";

/** The flags that there are, each with what it is where it is not given. */
export type Defaults = Readonly<Record<string, string | number | boolean>>;

/** The flags as they were given: each of the type of its default. */
export type Flags<D extends Defaults> = {
  readonly [Name in keyof D]: D[Name] extends number ? number
    : D[Name] extends boolean ? boolean
    : string;
};

/**
 * The flags of the bench that runs. One that there is not ends it, and `--help` prints what the file
 * says of itself.
 */
export function readFlags<D extends Defaults>(defaults: D): Flags<D> {
  return readWords(defaults, { takesWords: false }).flags;
}

/** The flags of the bench that runs, and the words beside them, where it takes some. */
export function readWords<D extends Defaults>(
  defaults: D,
  { takesWords = true } = {},
): { flags: Flags<D>; words: string[] } {
  if (Deno.args.includes("--help") || Deno.args.includes("-h")) {
    console.log(headOf(Deno.readTextFileSync(new URL(Deno.mainModule))));
    Deno.exit(0);
  }
  try {
    return parse(Deno.args, defaults, takesWords);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}

/** A flag that cannot be used. */
export class FlagError extends Error {}

/** Reads flags, and the words beside them. Throws a {@linkcode FlagError}. */
export function parse<D extends Defaults>(
  args: readonly string[],
  defaults: D,
  takesWords: boolean,
): { flags: Flags<D>; words: string[] } {
  const names = Object.keys(defaults);
  const { _: words, ...given } = parseArgs(args.slice(), {
    boolean: names.filter((name) => typeof defaults[name] === "boolean"),
    string: ["_", ...names.filter((name) => typeof defaults[name] !== "boolean")],
    unknown: (arg, name) => {
      if (name !== undefined) throw new FlagError(unknownFlag(arg, names));
      if (!takesWords) {
        throw new FlagError(`Cannot use "${arg}": this takes flags only; see --help`);
      }
    },
  });
  const flags = names.map((name) => [name, valueOf(name, given[name], defaults[name]!)]);
  return { flags: Object.fromEntries(flags), words: words.map(String) };
}

function unknownFlag(arg: string, names: readonly string[]): string {
  const there = names.map((name) => `--${name}`).join(", ");
  return `Cannot use ${arg}: there is no such flag; there are ${there}`;
}

function valueOf(name: string, given: unknown, byDefault: string | number | boolean): unknown {
  if (given === undefined) return byDefault;
  if (typeof byDefault !== "number") return given;
  const value = Number(given);
  if (value > 0) return value;
  throw new FlagError(`Cannot use --${name} ${given}: it takes a number above 0`);
}

/** What a file says at its head. */
export function headOf(source: string): string {
  const [, head = ""] = /^\/\*\*\n(.*?)\n \*\//s.exec(source) ?? [];
  return head.replaceAll(/^ \* ?/gm, "").replace(/\n*@module\s*$/, "");
}
