import { NetError, type NetErrorCode } from "./net.ts";

/** The platform's codes that have a word of ours. */
const CODES: Readonly<Record<string, NetErrorCode>> = {
  EADDRINUSE: "address-in-use",
  EADDRNOTAVAIL: "address-not-available",
  EACCES: "permission-denied",
  EPERM: "permission-denied",
  ECONNREFUSED: "connection-refused",
  ENOENT: "connection-refused", // a Unix socket that is not there
  ECONNRESET: "connection-reset",
  EPIPE: "connection-reset",
  ENOTCONN: "connection-reset",
  ECONNABORTED: "connection-aborted",
  ETIMEDOUT: "timed-out",
  EHOSTUNREACH: "timed-out",
  EMFILE: "too-many-files",
  ENFILE: "too-many-files",
};

const SAYS: Readonly<Record<NetErrorCode, string>> = {
  "address-in-use": "the address is in use by another socket",
  "address-not-available": "no network interface of this machine has that address",
  "permission-denied": "the permission is missing",
  "connection-refused": "nobody is listening there",
  "connection-reset": "the peer has reset the connection",
  "connection-aborted": "the peer has given up the connection",
  "timed-out": "the peer did not answer in time",
  "too-many-files": "the limit of open files is reached",
  "untrusted": "one end does not trust the certificate of the other",
  "closed": "the socket has been closed on this side",
  "other": "the platform refused",
};

/** The platform's `cause` as a {@linkcode NetError} that reads "Cannot `doing`: why". */
export function toNetError(doing: string, cause: unknown): NetError {
  const code = codeOf(cause);
  const why = code === "other" && cause instanceof Error ? cause.message : SAYS[code];
  return new NetError(code, `Cannot ${doing}: ${why}`, { cause });
}

/** The error of a use of a socket that we have closed ourselves. */
export function closedError(doing: string): NetError {
  return new NetError("closed", `Cannot ${doing}: ${SAYS.closed}`);
}

function codeOf(cause: unknown): NetErrorCode {
  if (cause instanceof Deno.errors.NotCapable) return "permission-denied";
  if (cause instanceof Deno.errors.InvalidData) return "untrusted";
  if (cause instanceof Deno.errors.UnexpectedEof) return "connection-reset";
  if (cause instanceof Error && "code" in cause) return CODES[String(cause.code)] ?? "other";
  return "other";
}
