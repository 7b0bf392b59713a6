import type { Checked, InputIssue, InputSchema } from "./input_schema.ts";

/** Thrown when an input was refused; `cause` says why. */
export class InvalidInput extends Error {
  /** The name of the class. */
  override readonly name: string = "InvalidInput";
}

/**
 * What a schema makes of a value: a promise only where the schema is asynchronous. Throws, or
 * rejects with, an {@linkcode InvalidInput} that names each issue.
 */
export function validate<Input>(
  schema: InputSchema<Input>,
  value: unknown,
): Input | Promise<Input> {
  const result = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then(accepted) : accepted(result);
}

/** The input that a text means. Throws an {@linkcode InvalidInput} where `parse` refuses it. */
export function parseInput(text: string, parse: ((text: string) => unknown) | undefined): unknown {
  if (parse === undefined) return text;
  try {
    return parse(text);
  } catch (cause) {
    throw new InvalidInput("", { cause });
  }
}

function accepted<Input>(checked: Checked<Input>): Input {
  if (checked.issues === undefined) return checked.value;
  throw new InvalidInput("", { cause: new TypeError(describe(checked.issues)) });
}

function describe(issues: readonly InputIssue[]): string {
  return issues.map(({ message, path }) => {
    const keys = path?.map((part) => String(typeof part === "object" ? part.key : part));
    return keys === undefined || keys.length === 0 ? message : `${keys.join(".")}: ${message}`;
  }).join("; ");
}
