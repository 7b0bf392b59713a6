import { describeError } from "./cancelled.ts";

/** How many errors a message spells out: a thousand fibers may fail together. */
const MAX_LISTED = 10;

/**
 * What a switch throws when several things went wrong in it: `errors` holds them, oldest first,
 * each once. No {@linkcode Cancelled} is among them.
 *
 * @example
 * ```ts
 * import { MultipleErrors, Switch } from "@switchyard/switchyard";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const run = Switch.run((sw) => {
 *   sw.fail(new Error("first"));
 *   throw new Error("second");
 * });
 * const { errors } = await assertRejects(() => run, MultipleErrors);
 * assertEquals(errors.map(({ message }) => message), ["first", "second"]);
 * ```
 */
export class MultipleErrors extends AggregateError {
  /** The name of the class. */
  override readonly name: string = "MultipleErrors";

  /** Make one error of several, given oldest first. */
  constructor(errors: readonly unknown[]) {
    super(errors, listErrors(errors));
  }
}

function listErrors(errors: readonly unknown[]): string {
  const lines = errors.slice(0, MAX_LISTED).map((error) => `- ${describeError(error)}`);
  const rest = errors.length - lines.length;
  if (rest > 0) lines.push(`- and ${rest} more`);
  return [`${errors.length} errors:`, ...lines].join("\n");
}
