/**
 * What an input must be: any schema of valibot, zod, arktype or another library that follows the
 * Standard Schema specification, of which this is the part that is used. `Input` is what comes out
 * of it, and goes into the job; `Given` is what goes in.
 */
export interface InputSchema<Input, Given = unknown> {
  /** The schema, as the specification has it. */
  readonly "~standard": StandardProps<Input, Given>;
}

/** The members of an {@linkcode InputSchema}. */
export interface StandardProps<Input, Given = unknown> {
  /** The version of the specification. */
  readonly version: 1;

  /** The library that made the schema. */
  readonly vendor: string;

  /** Looks at a value: gives what it is, or what is wrong with it. */
  readonly validate: (value: unknown) => Checked<Input> | Promise<Checked<Input>>;

  /** Never there: it carries the types. */
  readonly types?: { readonly input: Given; readonly output: Input } | undefined;
}

/** A value that was accepted, or the issues for which it was refused. */
export type Checked<Input> =
  | { readonly value: Input; readonly issues?: undefined }
  | { readonly issues: readonly InputIssue[] };

/** What is wrong with a value. */
export interface InputIssue {
  /** What is wrong, in words. */
  readonly message: string;

  /** Where in the value, if not in all of it. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
