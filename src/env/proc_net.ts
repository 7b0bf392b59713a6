/** Both ends of a TCP connection as Linux writes them, an IPv4 address always as IPv6. */
export type SocketKey = string;

/** An IP address as text, and a port. */
export interface Endpoint {
  readonly hostname: string;
  readonly port: number;
}

/** How Linux writes the first 12 bytes of an IPv4 address in IPv6: 32-bit words in host order. */
const MAPPED = "0000000000000000FFFF0000";

/** The key of the socket at `own` that is connected to `peer`. */
export function socketKey(own: Endpoint, peer: Endpoint): SocketKey {
  return `${formatEndpoint(own)} ${formatEndpoint(peer)}`;
}

const NEWLINE = 0x0a;
const BLANK = 0x20;
const COLON = 0x3a;

/** The last digit of the state of a socket in TIME_WAIT, which is 06. */
const SIX = 0x36;

const decoder = new TextDecoder();

/**
 * The sockets of `/proc/net/tcp` or `tcp6`: for each its key, and whether a program still owns it.
 * The tenth column is the inode, which is 0 once no program has the socket open any more. Those in
 * TIME_WAIT are passed over, as both of their ends have closed: clients that come and go leave ten
 * thousands of them, of which no text is made.
 */
export function parseSockets(table: Uint8Array): [SocketKey, boolean][] {
  const sockets: [SocketKey, boolean][] = [];
  for (let start = nextLine(table, 0); start < table.length;) {
    const own = table.indexOf(COLON, start) + 2;
    const peer = table.indexOf(BLANK, own) + 1;
    const state = peer + (peer - own); // both ends are written in the same width
    const end = nextLine(table, state);
    if (table[state + 1] !== SIX) sockets.push(parseSocket(table.subarray(start, end)));
    start = end;
  }
  return sockets;
}

function nextLine(table: Uint8Array, start: number): number {
  const newline = table.indexOf(NEWLINE, start);
  return newline < 0 ? table.length : newline + 1;
}

function parseSocket(line: Uint8Array): [SocketKey, boolean] {
  const columns = decoder.decode(line).trim().split(/ +/);
  const [, own = "", peer = "", , , , , , , inode] = columns;
  return [`${widen(own)} ${widen(peer)}`, inode !== "0"];
}

function widen(endpoint: string): string {
  return endpoint.length === "0100007F:1F90".length ? MAPPED + endpoint : endpoint;
}

function formatEndpoint({ hostname, port }: Endpoint): string {
  const words = hostname.includes(":") ? wordsOfV6(hostname) : MAPPED + wordOfV4(hostname);
  return `${words}:${port.toString(16).toUpperCase().padStart(4, "0")}`;
}

function wordOfV4(hostname: string): string {
  return hexWord(hostname.split(".").map(Number));
}

function wordsOfV6(hostname: string): string {
  const bytes = bytesOfV6(hostname);
  return [0, 4, 8, 12].map((at) => hexWord(bytes.slice(at, at + 4))).join("");
}

/** Four bytes as Linux on a little-endian machine writes them: last byte first. */
function hexWord(bytes: readonly number[]): string {
  return bytes.toReversed().map((byte) => byte.toString(16).padStart(2, "0")).join("")
    .toUpperCase();
}

function bytesOfV6(hostname: string): number[] {
  const address = hostname.replace(/%.*$/, "").replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_, a, b, c, d) => `${hexPair(a, b)}:${hexPair(c, d)}`,
  );
  const [head = "", tail] = address.split("::");
  const left = groupsOf(head);
  const right = groupsOf(tail ?? "");
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<number>(zeros).fill(0), ...right].flatMap((g) => [g >> 8, g & 255]);
}

function groupsOf(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => parseInt(group, 16));
}

function hexPair(high: string, low: string): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}
