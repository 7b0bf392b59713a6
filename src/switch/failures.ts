import { Cancelled } from "./cancelled.ts";
import { addContext, ContextError, withoutContext } from "./error_context.ts";
import { MultipleErrors } from "./multiple_errors.ts";

/**
 * What went wrong in one switch. Law 3: joined oldest first, each error once, and a cancellation
 * counts only where there is nothing else.
 */
export class Failures {
  /** As they came, each by the error that it is without its context. */
  #errors = new Map<unknown, unknown>();
  #cancelled: Cancelled | undefined = undefined;
  /** The error that brought all of `#errors`, to be thrown again just as it came. */
  #only: unknown = undefined;

  /** Joins an error. One that joins several is taken apart. */
  add(error: unknown): void {
    if (error instanceof Cancelled) {
      this.#cancelled ??= error;
      return;
    }
    const before = this.#errors.size;
    for (const each of membersOf(error)) this.#addOne(each);
    if (this.#errors.size > before) this.#only = before === 0 ? error : undefined;
  }

  #addOne(error: unknown): void {
    const key = withoutContext(error);
    if (!this.#errors.has(key)) this.#errors.set(key, error);
  }

  /** Throws what was joined, if anything was. */
  throwIfAny(): void {
    const { joined } = this;
    if (joined !== undefined) throw joined.error;
  }

  /** What was joined, if anything was. */
  get joined(): { readonly error: unknown } | undefined {
    if (this.#errors.size > 0) return { error: this.#join() };
    return this.#cancelled && { error: this.#cancelled };
  }

  #join(): unknown {
    const errors = [...this.#errors.values()];
    return this.#only ?? (errors.length === 1 ? errors[0] : new MultipleErrors(errors));
  }
}

function membersOf(error: unknown): readonly unknown[] {
  if (error instanceof MultipleErrors && error.errors.length > 0) return error.errors;
  if (!(error instanceof ContextError)) return [error];
  const { cause, context } = error;
  return membersOf(cause).map((each) => each === cause ? error : addContext(each, context));
}
