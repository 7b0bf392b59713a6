import type { Job, Outcome } from "../pool/mod.ts";
import type { Refusal } from "./refusals.ts";

/** A connection, as those see it who answer its lines. */
export interface Host {
  /** Sends a text, line ends included. */
  send(text: string): void;
  /** Waits until the client has taken enough of what was sent; `undefined` where it has. */
  room(): Promise<void> | undefined;
  /** Lets the client in by a token; `answer` is called with why not, perhaps later. */
  authenticate(token: string, answer: (refusal: Refusal | undefined) => void): void;
  /** A line has held so many requests beyond its one. */
  owe(requests: number): void;
  /** A job of the connection has ended, and its reply was sent if it was its turn. */
  ended(job: Job, outcome: Outcome): void;
  /** No more lines are to be taken: what is under way is answered, and that is all. */
  finish(): void;
}
