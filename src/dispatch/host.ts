import type { Job, Outcome } from "../pool/mod.ts";

/** A connection, as those see it who answer its lines. */
export interface Host {
  /** Sends a text, line ends included. */
  send(text: string): void;
  /** A job of the connection has ended, and its reply was sent if it was its turn. */
  ended(job: Job, outcome: Outcome): void;
}
