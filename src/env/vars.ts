/** The authority to read environment variables. */
export interface Vars {
  /** The value of a variable, or `undefined` where it is not set. */
  get(name: string): string | undefined;

  /** The names of all variables that start with `prefix`, sorted. */
  names(prefix: string): string[];
}
