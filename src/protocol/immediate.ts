import type { Command, Misunderstanding } from "./command.ts";
import type { ForeignProtocol } from "./foreign.ts";
import type { LineReply } from "./reply.ts";

/** A command whose reply needs neither a worker nor the state of the server. */
export type ImmediateCommand = Misunderstanding | Extract<Command, { kind: "ping" | "quit" }>;

/** The original service's reply to a line that is no integer, to the byte. */
const INVALID_NUMBER: LineReply = { kind: "error", message: "Invalid number" };

/** Whether {@linkcode replyAtOnce} knows the reply to `command`. */
export function isImmediate(command: Command): command is ImmediateCommand {
  switch (command.kind) {
    case "job":
    case "help":
    case "jobs":
    case "stats":
    case "cancel":
    case "auth":
    case "rpc":
      return false;
    case "ping":
    case "quit":
    case "invalid-number":
    case "unknown-job":
    case "foreign":
      return true;
  }
}

/** The reply to `command`, which depends on nothing else. */
export function replyAtOnce(command: ImmediateCommand): LineReply {
  switch (command.kind) {
    case "ping":
      return { kind: "pong" };
    case "quit":
      return { kind: "bye", message: "" };
    case "invalid-number":
      return INVALID_NUMBER;
    case "unknown-job":
      return refuseUnknownJob(command.name, command.suggestion);
    case "foreign":
      return refuseForeign(command.protocol);
  }
}

/** Whether the connection ends with the reply to `command`. */
export function isLast(command: Command): boolean {
  return command.kind === "quit" || command.kind === "foreign";
}

function refuseUnknownJob(name: string, suggestion: string | undefined): LineReply {
  const remedy = suggestion === undefined ? "JOBS lists all" : `did you mean "${suggestion}"?`;
  return {
    kind: "refusal",
    code: "UNKNOWN_JOB",
    message: `Cannot find the job "${name}": there is none of that name; ${remedy}`,
  };
}

function refuseForeign(protocol: ForeignProtocol): LineReply {
  return {
    kind: "refusal",
    code: "INVALID",
    message:
      `Cannot speak ${protocol.toUpperCase()} on this port: it takes plain lines of text; send HELP`,
  };
}
