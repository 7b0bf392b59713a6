/** A protocol that is not ours, but that people send to our port by mistake. */
export type ForeignProtocol = "http" | "tls";

const HTTP_REQUEST = /^(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PRI) \S+ HTTP\/\d/;

/** The first two bytes of a TLS connection: a handshake record, of version 3.x. */
const TLS_HANDSHAKE = 0x16;
const TLS_MAJOR_VERSION = 0x03;

/**
 * The foreign protocol whose first line `line` is: an HTTP request line, or a TLS hello that was
 * decoded as text. `undefined` for everything else.
 */
export function foreignProtocol(line: string): ForeignProtocol | undefined {
  const first = line.charCodeAt(0);
  if (first === TLS_HANDSHAKE && line.charCodeAt(1) === TLS_MAJOR_VERSION) return "tls";
  return HTTP_REQUEST.test(line) ? "http" : undefined;
}

/**
 * Whether a connection that begins with `bytes` speaks TLS. A TLS hello need not hold a newline, and
 * its sender waits for an answer: look at the first bytes, not at the first line.
 */
export function isTlsHello(bytes: Uint8Array): boolean {
  return bytes[0] === TLS_HANDSHAKE && bytes[1] === TLS_MAJOR_VERSION;
}
