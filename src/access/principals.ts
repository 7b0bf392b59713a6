import type { Buffer } from "node:buffer";
import type { Clock } from "../env/mod.ts";
import { Principal, type PrincipalSpec } from "./principal.ts";
import { digestFrom, digestOf, isSameDigest } from "./token.ts";

/** A token of somebody, hashed. */
interface Token {
  readonly digest: Buffer;
  readonly principal: Principal;
}

/** All who may use a server, by their names and tokens. */
export class Principals implements Iterable<Principal> {
  readonly #clock: Clock;
  readonly #principals = new Map<string, Principal>();
  /** The tokens of all, hashed: who guesses shall not have them parsed each time. */
  #tokens: readonly Token[] = [];

  /** Make those that the operator has written. */
  constructor(specs: readonly PrincipalSpec[], clock: Clock) {
    this.#clock = clock;
    this.replace(specs);
  }

  /** How many there are. With none, nobody can say who they are. */
  get size(): number {
    return this.#principals.size;
  }

  /** The one of this name. */
  named(name: string): Principal | undefined {
    return this.#principals.get(name);
  }

  /**
   * The one whose token this is. It is compared with every token, each in a time that does not tell
   * how much of it is right.
   */
  withToken(token: string): Principal | undefined {
    const digest = digestOf(token);
    let found: Principal | undefined;
    for (const { digest: known, principal } of this.#tokens) {
      if (isSameDigest(known, digest)) found = principal;
    }
    return found;
  }

  /**
   * Puts these in the place of those that there are. One of the same name stays who it is, and its
   * connections stay; those of one that is gone are ended.
   */
  replace(specs: readonly PrincipalSpec[]): void {
    const names = new Set(specs.map(({ name }) => name));
    for (const principal of [...this].filter(({ name }) => !names.has(name))) {
      this.#principals.delete(principal.name);
      principal.revoke();
    }
    for (const spec of specs) {
      const principal = this.#principals.get(spec.name);
      if (principal !== undefined) principal.change(spec);
      else this.#principals.set(spec.name, new Principal(spec, this.#clock));
    }
    this.#tokens = [...this].flatMap(tokensOf);
  }

  /** In the order in which they were written. */
  [Symbol.iterator](): Iterator<Principal> {
    return this.#principals.values();
  }
}

function tokensOf(principal: Principal): Token[] {
  return (principal.spec.tokens ?? []).map((hash) => ({ digest: digestFrom(hash), principal }));
}
