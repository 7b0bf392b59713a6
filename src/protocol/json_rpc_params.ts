import { itemSources, memberSources } from "./json_source.ts";

/** What a client says about its request, beside its input, in `_meta`. */
export interface RpcMeta {
  /** How long the job may run, from its start. */
  readonly deadlineMs?: number;
  /** How urgent it is. */
  readonly priority?: "high" | "normal" | "low";
  /** What progress notifications are to carry, as JSON: a string or a number. */
  readonly progressToken?: string;
  /**
   * Whether the items of a result that is a stream are sent one by one: it takes a token. A number:
   * at most so many ahead of what the client says to have taken.
   */
  readonly items?: boolean | number;
  /** Whether the input is a text, as on a line, and so is the result. */
  readonly text?: boolean;
  /** How a bigint in the result is written: as a string where it does not say. */
  readonly bigints?: "string" | "number";
}

/** The parameters of a request, taken apart. */
export interface RpcArguments {
  /** The job's input, as JSON; empty where there is none. */
  readonly input: string;
  readonly meta: RpcMeta;
}

const META = "_meta";

const NO_META: RpcMeta = {};

/**
 * Takes the parameters of a request apart. One positional parameter is the input, several are one
 * input that is an array of them; named ones are one input that is an object. `_meta` is no part of
 * it: it stands among named parameters, or alone in an object behind the last positional one.
 *
 * Throws a TypeError with a sentence where `_meta` is wrong.
 */
export function parseRpcParams(params: string | undefined): RpcArguments {
  if (params === undefined) return { input: "", meta: NO_META };
  return params.startsWith("[") ? parsePositional(params) : parseNamed(params);
}

function parsePositional(params: string): RpcArguments {
  const items = itemSources(params);
  const meta = metaAlone(items.at(-1));
  if (meta !== undefined) items.pop();
  const input = items.length > 1 ? `[${items.join()}]` : items[0] ?? "";
  return { input, meta: meta === undefined ? NO_META : parseMeta(meta) };
}

/** The source of `_meta` in an object that holds nothing else. */
function metaAlone(item: string | undefined): string | undefined {
  if (item === undefined || !item.startsWith("{") || !item.includes(META)) return undefined;
  const members = memberSources(item);
  return members.size === 1 ? members.get(META) : undefined;
}

function parseNamed(params: string): RpcArguments {
  if (!params.includes(META)) return { input: params, meta: NO_META };
  const members = memberSources(params);
  const meta = members.get(META);
  if (meta === undefined) return { input: params, meta: NO_META };
  members.delete(META);
  return { input: formatMembers(members), meta: parseMeta(meta) };
}

function formatMembers(members: ReadonlyMap<string, string>): string {
  return `{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`;
}

function parseMeta(source: string): RpcMeta {
  const value: unknown = JSON.parse(source);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError('Cannot read "_meta": it must be an object');
  }
  const { deadlineMs, priority, bigints, items, text }: { readonly [name: string]: unknown } = {
    ...value,
  };
  if (deadlineMs !== undefined && !isPositive(deadlineMs)) throw wrong("deadlineMs", "positive");
  if (
    priority !== undefined && priority !== "high" && priority !== "normal" && priority !== "low"
  ) {
    throw wrong("priority", '"high", "normal" or "low"');
  }
  if (bigints !== undefined && bigints !== "string" && bigints !== "number") {
    throw wrong("bigints", '"string" or "number"');
  }
  if (items !== undefined && typeof items !== "boolean" && !isCount(items)) {
    throw wrong("items", "true, false or a whole number from 1");
  }
  if (text !== undefined && typeof text !== "boolean") throw wrong("text", "true or false");
  const progressToken = readToken(source, value);
  if (items && progressToken === undefined) {
    throw new TypeError('Cannot send items: "_meta" must have a progressToken for them to carry');
  }
  return {
    ...(items === undefined ? {} : { items }),
    ...(text === undefined ? {} : { text }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(priority === undefined ? {} : { priority }),
    ...(bigints === undefined ? {} : { bigints }),
    ...(progressToken === undefined ? {} : { progressToken }),
  };
}

function readToken(source: string, meta: { progressToken?: unknown }): string | undefined {
  const { progressToken } = meta;
  if (progressToken === undefined) return undefined;
  if (typeof progressToken !== "string" && typeof progressToken !== "number") {
    throw wrong("progressToken", "a string or a number");
  }
  return memberSources(source).get("progressToken");
}

function isPositive(value: unknown): value is number {
  return typeof value === "number" && value > 0 && Number.isFinite(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && isPositive(value);
}

function wrong(member: string, must: string): TypeError {
  return new TypeError(`Cannot read "_meta": its ${member} must be ${must}`);
}
