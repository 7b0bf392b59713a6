import {
  isItems,
  type Items,
  type JobContext,
  type JobDefinition,
  jobEnv,
  type JobMachine,
  parseInput,
  received,
  takeItems,
  validate,
} from "../../src/job/mod.ts";
import type { JsonInput } from "../../src/pool/link/mod.ts";
import { formatJson, parseJson } from "../../src/protocol/exact_json.ts";

/** The longest reply that the items of a job may make together, in UTF-16 units. */
const MAX_REPLY = 65_536;

/** Takes one item of a job, and may have it wait before it makes the next. */
export type TakeItem = (item: unknown) => void | Promise<void>;

/** A job whose code is in this lane. */
export class LoadedJob {
  readonly name: string;

  /** Whether others may run in the lane while it waits. */
  readonly isShared: boolean;

  /** What of the machine its runs hold. */
  readonly env: JobMachine;

  readonly #definition: JobDefinition<unknown, unknown>;

  constructor(definition: JobDefinition<unknown, unknown>, machine: Partial<JobMachine>) {
    this.name = definition.name;
    this.isShared = (definition.concurrency ?? 1) > 1;
    this.env = jobEnv(definition.permissions ?? {}, machine) as JobMachine;
    this.#definition = definition;
  }

  /** Text in, text out. A promise only where the job, or its schema, is asynchronous. */
  runText(text: string, context: JobContext): string | Promise<string> {
    const { format = String, parse } = this.#definition;
    return then(this.#run(parseInput(text, parse), context), (output) => {
      if (isItems(output)) return joinItems(output, format, context);
      return format(received(output));
    });
  }

  /** JSON in, JSON out; items as a list, or each as JSON to `take`. */
  runJson(
    { json, bigints }: JsonInput,
    context: JobContext,
    take?: TakeItem,
  ): string | Promise<string> {
    const input = json === "" ? undefined : parseJson(json);
    const takeJson = take && ((item: unknown) => take(formatJson(received(item), bigints)));
    return then(
      this.runValue(input, context, takeJson),
      (output) => formatJson(received(output), bigints),
    );
  }

  /** Value in, value out. Items come out as a list, or go to `take`, one by one. */
  runValue(value: unknown, context: JobContext, take?: TakeItem): unknown {
    return then(this.#run(value, context), (output) => {
      if (!isItems(output)) return output;
      return take === undefined ? listItems(output, context) : takeEach(output, take, context);
    });
  }

  #run(value: unknown, context: JobContext): unknown {
    return then(
      validate(this.#definition.input, value),
      (input) => this.#definition.run(input, context),
    );
  }
}

/** The reply to a line is one line, and has a limit. */
async function joinItems(
  items: Items,
  format: (item: unknown) => string,
  context: JobContext,
): Promise<string> {
  const texts: string[] = [];
  let length = 0;
  await takeEach(items, (item) => {
    const text = format(received(item));
    texts.push(text);
    length += text.length + 1;
    if (length <= MAX_REPLY) return;
    throw new RangeError(
      `Cannot reply with so many items: their text is longer than ${MAX_REPLY} characters, the limit of a reply. Ask for fewer, or stream them`,
    );
  }, context);
  return texts.join(" ");
}

async function listItems(
  items: Items,
  context: JobContext,
): Promise<unknown[]> {
  const list: unknown[] = [];
  await takeEach(items, (item) => void list.push(received(item)), context);
  return list;
}

/** Takes the items, and looks between them whether the job is asked to stop. */
function takeEach(
  items: Items,
  take: TakeItem,
  context: JobContext,
): Promise<unknown> {
  return takeItems(items, (item) => {
    context.check();
    return take(item);
  });
}

/** Why a run does not begin whose job has been put aside. */
export class PutAside extends Error {}

/**
 * A job that is not in this lane, and why: its file could not be loaded, though it could be in the
 * first that read it, or it has been put aside.
 */
export class BrokenJob {
  readonly name: string;
  readonly isShared = false;
  readonly #error: Error;

  constructor(url: string, error: Error) {
    this.name = url;
    this.#error = error;
  }

  get env(): never {
    return this.runValue();
  }

  runText(): never {
    return this.runValue();
  }

  runJson(): never {
    return this.runValue();
  }

  runValue(): never {
    throw this.#error;
  }
}

/** `fn(value)`, at once where the value is there and later where it is a promise. */
function then<T, U>(value: T | Promise<T>, fn: (value: T) => U): U | Promise<Awaited<U>>;
function then<T, U>(value: T | Promise<T>, fn: (value: T) => U): unknown {
  return value instanceof Promise ? value.then(fn) : fn(value);
}
