/**
 * All kinds of bad clients at once. In a process of their own they print what became of them as
 * JSON: they must not share an event loop with those whom they are to disturb.
 *
 * @module
 */

import { BadClient, type BadClientOptions, count, type Tally, type Target } from "./bad_client.ts";
import { type Kind, KINDS } from "./kinds.ts";

/** How much there is of an attack at most; what is left out has no bound. */
export interface Bounds {
  /** How many of each kind there are at a time. */
  readonly most?: number | undefined;
  /** How often each of them comes. */
  readonly maxVisits?: number | undefined;
  /** How many bytes one says in a visit. */
  readonly mostBytes?: number | undefined;
  /** How long one waits before it comes again, in milliseconds, give or take a half. */
  readonly restMs?: number | undefined;
}

/** Options for {@linkcode attack}. */
export interface AttackOptions extends Bounds {
  readonly kinds: readonly Kind[];
  /** Ends it: all leave. */
  readonly signal: AbortSignal;
}

/** What is told of a kind. */
export interface KindReport extends Tally {
  readonly kind: Kind;
}

/** Has clients of all kinds come, again and again, and tells what became of them. */
export async function attack(target: Target, options: AttackOptions): Promise<KindReport[]> {
  const reports = options.kinds.map((kind): KindReport => ({
    kind,
    connections: 0,
    bytes: 0,
    answers: new Map(),
  }));
  await Promise.all(
    reports.flatMap((report) =>
      Array.from(
        { length: Math.min(report.kind.count, options.most ?? Infinity) },
        () => comeAgain(target, report, options),
      )
    ),
  );
  return reports;
}

async function comeAgain(
  target: Target,
  report: KindReport,
  options: AttackOptions,
): Promise<void> {
  const { signal, maxVisits = Infinity, restMs } = options;
  for (let visits = 0; !signal.aborted && visits < maxVisits; visits++) {
    await visit(target, report, options);
    await rest(restMs); // who is let go at once must not keep the others from theirs
  }
}

/** It is let go, cut or refused, or leaves. */
async function visit(
  target: Target,
  report: KindReport,
  options: BadClientOptions,
): Promise<void> {
  const { kind: { overTls, isStranger, visit } } = report;
  try {
    const port = overTls ? target.tlsPort : target.port;
    using client = await BadClient.connect(port, report, options);
    if (!isStranger && target.token !== undefined) await client.say(`AUTH ${target.token}\n`);
    await visit(client);
  } catch (error) {
    if (!isDeparture(error)) throw error;
    if (!options.signal.aborted) count(report, "reset");
  }
}

function isDeparture(error: unknown): boolean {
  const { BadResource, BrokenPipe, ConnectionReset, Interrupted, NotConnected } = Deno.errors;
  const kinds = [BadResource, BrokenPipe, ConnectionReset, Interrupted, NotConnected];
  return kinds.some((kind) => error instanceof kind);
}

function rest(ms: number | undefined): Promise<void> {
  return new Promise((resolve) =>
    void (ms === undefined
      ? setImmediate(resolve)
      : setTimeout(resolve, ms * (0.5 + Math.random())))
  );
}

/** What {@linkcode attack} tells from a process of its own. */
export interface PrintedReport {
  readonly name: string;
  readonly connections: number;
  readonly bytes: number;
  readonly answers: Readonly<Record<string, number>>;
}

if (import.meta.main) {
  const { only = "", seconds, bounds, ...target } = JSON.parse(Deno.args[0]!);
  const kinds = KINDS.filter(({ name }) => name.includes(only));
  const signal = AbortSignal.timeout(seconds * 1000);
  const reports = await attack(target, { kinds, signal, ...bounds });
  const printed = reports.map(({ kind: { name }, connections, bytes, answers }): PrintedReport => ({
    name,
    connections,
    bytes,
    answers: Object.fromEntries(answers),
  }));
  console.log(JSON.stringify(printed));
}
