/** What a message calls a thing: its kind, and its name where it has one. */
export function titleOf(kind: string, name: string): string {
  return name === "" ? kind : `${kind} ${JSON.stringify(name)}`;
}

/** What the tree calls a wait on a thing, such as `Channel jobs.take`. */
export function labelOf(kind: string, name: string, action: string = ""): string {
  return (name === "" ? kind : `${kind} ${name}`) + (action === "" ? "" : `.${action}`);
}
