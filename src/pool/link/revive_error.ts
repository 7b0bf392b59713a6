import type { ErrorRecord } from "./error_record.ts";

/** An error of this side that says what the recorded one said on the other. */
export function reviveError({ name, message, stack, cause, errors, fields }: ErrorRecord): Error {
  const options = cause && { cause: reviveError(cause) };
  const error = errors === undefined
    ? new Error(message, options)
    : new AggregateError(errors.map(reviveError), message, options);
  for (const [member, value] of Object.entries({ ...fields, name, stack })) {
    // Defined, not assigned: a member called `__proto__` is one like the others.
    if (value !== undefined) {
      Object.defineProperty(error, member, { value, configurable: true, writable: true });
    }
  }
  return error;
}
