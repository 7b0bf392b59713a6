import { ConfigError, unknownName } from "./config_error.ts";
import type { PrincipalSpec } from "./access/mod.ts";
import { parseGrants } from "./config_grants.ts";
import { parsePrincipals } from "./config_principals.ts";
import { fileKeyOf, OPTION_KEYS, OPTIONS } from "./config_options.ts";
import type { Grants } from "./pool/mod.ts";

/** What a configuration file says. */
export interface ConfigFile {
  /** The values of options, as one would write them for a flag, by the flag without its dashes. */
  readonly values: ReadonlyMap<string, Given>;

  /** What the operator grants, by the job's name. */
  readonly grants: Grants;

  /** Who may use the server. */
  readonly principals: readonly PrincipalSpec[];
}

/** A value as somebody wrote it, and where. */
export interface Given {
  readonly source: string;
  readonly text: string;
}

const FLAGS = new Map(
  OPTION_KEYS.filter((key) => key !== "config").map((key) => {
    const { flag } = OPTIONS[key];
    return [fileKeyOf(flag), flag];
  }),
);

/** What a file may hold besides the options. */
const OTHER_KEYS = ["grants", "principals", "$schema"];

/** Options whose values are paths, but for these words. */
const PATHS = ["jobs", "tlsCert", "tlsKey", "tlsClientCa", "tokens"];
const NO_PATH = /^(built-in|none|env:.*|\/.*)$/s;

/**
 * What the text of a configuration file says: JSON, with the options by their flags in camel case
 * (`"maxQueue": 100`), `grants` and `principals`. Paths are relative to the folder of the file, whose absolute
 * path is `path`. Throws a {@linkcode ConfigError} that names the file, the key, and what it may be.
 */
export function parseConfigFile(text: string, path: string): ConfigFile {
  const members = parseObject(text, path);
  const folder = path.slice(0, path.lastIndexOf("/"));
  const values = new Map<string, Given>();
  for (const [key, value] of Object.entries(members)) {
    if (OTHER_KEYS.includes(key)) continue;
    const flag = FLAGS.get(key);
    if (flag === undefined) throw unknownKey(key, path);
    values.set(flag, given(key, value, { path, folder }));
  }
  return {
    values,
    grants: parseGrants(members.grants ?? {}, path),
    principals: parsePrincipals(members.principals ?? {}, path),
  };
}

function parseObject(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`Cannot read ${path}: it is no JSON: ${why}`, { cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new ConfigError(`Cannot read ${path}: it must hold an object, {...}`);
}

function unknownKey(key: string, path: string): ConfigError {
  const known = [...FLAGS.keys(), ...OTHER_KEYS];
  return unknownName(`option in ${path}`, `"${key}"`, known.map((one) => `"${one}"`), "see --help");
}

interface Place {
  readonly path: string;
  readonly folder: string;
}

function given(key: string, value: unknown, { path, folder }: Place): Given {
  const source = `"${key}" in ${path}:`;
  const text = textOf(key, value);
  if (text === undefined) throw new ConfigError(`Cannot use ${source} it takes ${kindsOf(key)}`);
  const isRelative = PATHS.includes(key) && !NO_PATH.test(text);
  return { source, text: isRelative ? `${folder}/${text}` : text };
}

/** A value as a flag would have it, if it can be one. */
function textOf(key: string, value: unknown): string | undefined {
  if (typeof value === "string" || typeof value === "number") return String(value);
  if (value === true && key === "insecure") return "on";
  const isList = key === "listen" && Array.isArray(value);
  return isList && value.every((one) => typeof one === "string") ? value.join() : undefined;
}

function kindsOf(key: string): string {
  return key === "listen" ? "a text, or a list of texts" : "a text or a number";
}
