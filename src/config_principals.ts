import { isTokenHash, type PrincipalSpec } from "./access/mod.ts";
import { ConfigError } from "./config_error.ts";
import { Reading } from "./config_reading.ts";
import { JOB_PRIORITIES } from "./job/mod.ts";

/** The numbers that a principal may have, and the least that each may be. */
const LEAST = { maxConnections: 1, maxInFlight: 1, rate: 0.001, burst: 1 } as const;

const KEYS = ["tokens", "jobs", "priority", ...Object.keys(LEAST)];

/** A common name, or a word: no blank, comma or control that a line of ours would take apart. */
const NAME = /^[\p{L}\p{N}._@-]{1,64}$/u;

/** The `principals` of a configuration file, whose absolute path is `path`: by their names. */
export function parsePrincipals(value: unknown, path: string): PrincipalSpec[] {
  const principals = new Reading(`"principals"`, path).record(value);
  return Object.entries(principals).map(([name, members]) => parsePrincipal(name, members, path));
}

/**
 * The principals in the text of `--tokens`: a line each, with a name, the SHA-256 of a token and, as
 * `key=value`, limits; a `#` begins a comment. `source` is what the text is called in messages. Lines
 * of one name are tokens of one principal.
 */
export function parseTokenLines(text: string, source: string): PrincipalSpec[] {
  const specs: PrincipalSpec[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [name, hash, ...limits] = line.replace(/#.*$/, "").trim().split(/\s+/);
    if (!name) continue;
    const place = `${source}, line ${index + 1}`;
    const members = Object.fromEntries(limits.map((one) => parseMember(one, place)));
    specs.push(parsePrincipal(name, { ...members, tokens: [hash ?? ""] }, place));
  }
  return joinPrincipals(specs, source);
}

/** The principals of several places: those of one name are one, with the tokens of all. */
export function joinPrincipals(specs: readonly PrincipalSpec[], source: string): PrincipalSpec[] {
  const joined = new Map<string, PrincipalSpec>();
  for (const spec of specs) {
    const known = joined.get(spec.name);
    if (known !== undefined && withoutTokens(known) !== withoutTokens(spec)) {
      throw new ConfigError(
        `Cannot use "${spec.name}" in ${source}: it is there twice, with other limits or jobs`,
      );
    }
    joined.set(spec.name, {
      ...spec,
      tokens: [...known?.tokens ?? [], ...spec.tokens ?? []],
    });
  }
  return [...joined.values()];
}

function withoutTokens({ tokens: _, ...rest }: PrincipalSpec): string {
  return JSON.stringify(Object.entries(rest).sort());
}

function parseMember(text: string, place: string): [string, unknown] {
  const [, key = "", value = ""] = /^(\w+)=(.+)$/.exec(text) ?? [];
  if (key === "" || key === "tokens") {
    throw new ConfigError(`Cannot use "${text}" in ${place}: what follows a token is key=value`);
  }
  if (key === "jobs") return [key, value.split(",")];
  return [key, Object.hasOwn(LEAST, key) ? Number(value) : value];
}

function parsePrincipal(name: string, value: unknown, path: string): PrincipalSpec {
  if (!NAME.test(name)) {
    const must = "a name is up to 64 letters, digits, dots, dashes, underscores or @";
    throw new ConfigError(`Cannot use "${name}" in ${path}: ${must}`);
  }
  const reading = new Reading(`the principal "${name}"`, path);
  const members = reading.record(value, KEYS);
  for (const [key, member] of Object.entries(members)) checkMember(reading, key, member);
  return { name, ...members };
}

function checkMember(reading: Reading, key: string, value: unknown): void {
  if (key === "tokens") {
    const isRight = isTexts(value) && value.every(isTokenHash);
    if (!isRight) throw reading.refusal(key, "the SHA-256 of each token, in 64 hex digits");
  } else if (key === "jobs") {
    reading.check(key, value, isTexts(value), "a list of names of jobs");
  } else if (key === "priority") {
    const isRight = JOB_PRIORITIES.some((one) => one === value);
    reading.check(key, value, isRight, JOB_PRIORITIES.join(", "));
  } else {
    const least = LEAST[key as keyof typeof LEAST];
    const isWhole = key === "rate" || Number.isSafeInteger(value);
    const isRight = Number.isFinite(value) && Number(value) >= least && isWhole;
    reading.check(key, value, isRight, `a${isWhole ? "" : " whole"} number of at least ${least}`);
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string" && one !== "");
}
