import type { JobContext, JobDefinition } from "../../src/job/mod.ts";
import type { ErrorRecord, JsonInput } from "../../src/pool/link/mod.ts";
import { formatJson, parseJson } from "./json.ts";

/** Thrown when a job's input was refused; `cause` says why. */
export class InvalidInput extends Error {}

/** A job whose code is in this lane. */
export class LoadedJob {
  readonly name: string;

  /** Whether others may run in the lane while it waits. */
  readonly isShared: boolean;

  readonly #definition: JobDefinition<unknown, unknown>;

  constructor(definition: JobDefinition<unknown, unknown>) {
    this.name = definition.name;
    this.isShared = (definition.concurrency ?? 1) > 1;
    this.#definition = definition;
  }

  /** Text in, text out. A promise only where the job, or its schema, is asynchronous. */
  runText(text: string, context: JobContext): string | Promise<string> {
    const { format = String } = this.#definition;
    return then(this.runValue(this.#parse(text), context), (output) => format(output));
  }

  /** JSON in, JSON out. */
  runJson({ json, bigints }: JsonInput, context: JobContext): string | Promise<string> {
    const input = json === "" ? undefined : parseJson(json);
    return then(this.runValue(input, context), (output) => formatJson(output, bigints));
  }

  /** Value in, value out. */
  runValue(value: unknown, context: JobContext): unknown {
    return then(this.#validate(value), (input) => this.#definition.run(input, context));
  }

  #parse(text: string): unknown {
    if (this.#definition.parse === undefined) return text;
    try {
      return this.#definition.parse(text);
    } catch (error) {
      throw new InvalidInput("", { cause: error });
    }
  }

  #validate(value: unknown): unknown {
    const result = this.#definition.input["~standard"].validate(value);
    return then(result, (checked) => {
      if (checked.issues === undefined) return checked.value;
      throw new InvalidInput("", { cause: new TypeError(describe(checked.issues)) });
    });
  }
}

/** A job whose file could not be loaded in this lane, though it could be in the first that read it. */
export class BrokenJob {
  readonly name: string;
  readonly isShared = false;
  readonly #error: ErrorRecord;

  constructor(url: string, error: ErrorRecord) {
    this.name = url;
    this.#error = error;
  }

  runText(): never {
    return this.runValue();
  }

  runJson(): never {
    return this.runValue();
  }

  runValue(): never {
    throw new Error(`Cannot run the job: its file could not be loaded: ${this.#error.message}`);
  }
}

type Issue = {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
};

function describe(issues: readonly Issue[]): string {
  return issues.map(({ message, path }) => {
    const keys = path?.map((part) => String(typeof part === "object" ? part.key : part));
    return keys === undefined || keys.length === 0 ? message : `${keys.join(".")}: ${message}`;
  }).join("; ");
}

/** `fn(value)`, at once where the value is there and later where it is a promise. */
function then<T, U>(value: T | Promise<T>, fn: (value: T) => U): U | Promise<Awaited<U>>;
function then<T, U>(value: T | Promise<T>, fn: (value: T) => U): unknown {
  return value instanceof Promise ? value.then(fn) : fn(value);
}
