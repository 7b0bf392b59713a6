import { parseArgs } from "node:util";

/** The flags that there are, each with what it is where it is not given. */
export type Defaults = Readonly<Record<string, string | number | boolean>>;

/** The flags as they were given: each of the type of its default. */
export type Flags<D extends Defaults> = {
  readonly [Name in keyof D]: D[Name] extends number ? number
    : D[Name] extends boolean ? boolean
    : string;
};

/** Flags, and the words beside them. */
export interface Words<D extends Defaults> {
  readonly flags: Flags<D>;
  readonly words: readonly string[];
}

/** A flag that cannot be used. */
export class FlagError extends Error {}

/**
 * The flags of the bench that runs. One that there is not ends it, and `--help` prints what the file
 * says of itself.
 */
export function readFlags<D extends Defaults>(defaults: D): Flags<D> {
  return read(defaults, false).flags;
}

/** The flags of the bench that runs, and the words beside them. */
export function readWords<D extends Defaults>(defaults: D): Words<D> {
  return read(defaults, true);
}

function read<D extends Defaults>(defaults: D, takesWords: boolean): Words<D> {
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

/** Reads flags, and the words beside them. Throws a {@linkcode FlagError}. */
export function parse<D extends Defaults>(
  args: string[],
  defaults: D,
  takesWords: boolean,
): Words<D> {
  const { values, positionals } = parseStrictly(args, defaults, takesWords);
  const flags = Object.entries(defaults).map(([name, byDefault]) => {
    const given = values[name];
    if (given === undefined) return [name, byDefault];
    return [name, typeof byDefault === "number" ? numberOf(name, given, byDefault) : given];
  });
  return { flags: Object.fromEntries(flags), words: positionals };
}

function parseStrictly(args: string[], defaults: Defaults, allowPositionals: boolean) {
  const entries = Object.entries(defaults).map(([name, byDefault]) => {
    return [name, { type: typeof byDefault === "boolean" ? "boolean" : "string" }] as const;
  });
  try {
    return parseArgs({ args, options: Object.fromEntries(entries), allowPositionals });
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (!code?.startsWith("ERR_PARSE_ARGS_")) throw error;
    const there = Object.keys(defaults).map((name) => `--${name}`).join(", ");
    throw new FlagError(`Cannot begin: ${message}. There is ${there}; see --help`);
  }
}

/** A number above 0, or 0 where that is the default. */
function numberOf(name: string, given: unknown, byDefault: number): number {
  const value = Number(given);
  if (Number.isFinite(value) && (value > 0 || value === byDefault)) return value;
  const least = byDefault === 0 ? "0 or a number above it" : "a number above 0";
  throw new FlagError(`Cannot begin: --${name} takes ${least}, and not "${given}"`);
}

/** What a file says at its head. */
export function headOf(source: string): string {
  const [, head = ""] = /^\/\*\*\n(.*?)\n \*\//s.exec(source) ?? [];
  return head.replaceAll(/^ \* ?/gm, "").replace(/\n*@module\s*$/, "");
}
