/**
 * Sockets by the system calls themselves: what a load costs must be less than what it measures, and
 * a call of libc takes a tenth of an asynchronous operation of the platform.
 *
 * @module
 */

const { symbols: libc } = Deno.dlopen("libc.so.6", {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  recv: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_pwait2: { parameters: ["i32", "buffer", "i32", "buffer", "buffer"], result: "i32" },
  prctl: { parameters: ["i32", "i32", "i32", "i32", "i32"], result: "i32" },
});

const AF_INET = 2;
const SOCK_STREAM = 1;
const IPPROTO_IP = 0;
const IP_BIND_ADDRESS_NO_PORT = 24;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const MSG_NOSIGNAL = 0x4000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;
const PR_SET_TIMERSLACK = 29;

const ON = new Int32Array([1]);

/** An event has its parts close together on x86-64, and apart elsewhere: in words of 32 bits. */
const EVENT_WORDS = Deno.build.arch === "x86_64" ? 3 : 4;
const EVENT_TOKEN = EVENT_WORDS - 2;

/** Lets this thread sleep to the microsecond: else the kernel adds up to fifty to each sleep. */
export function sleepExactly(): void {
  libc.prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
}

/**
 * Connects to a port of this machine and returns the descriptor. `visit` chooses one of 250 of its
 * addresses to come from, so that many who come and go do not run out of ports.
 */
export function connect(port: number, visit = 0): number {
  const fd = expect(libc.socket(AF_INET, SOCK_STREAM, 0), "make a socket");
  libc.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, ON, 4);
  libc.setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, ON, 4);
  expect(libc.bind(fd, addressOf(0, 1 + visit % 250), 16), "choose an address to come from");
  expect(libc.connect(fd, addressOf(port, 1), 16), `connect to port ${port}`);
  return fd;
}

/** Writes all of the bytes; waits while the other side does not take them. */
export function send(fd: number, bytes: Uint8Array<ArrayBuffer>): void {
  for (let rest = bytes; rest.length > 0;) {
    rest = rest.subarray(expect(libc.send(fd, rest, rest.length, MSG_NOSIGNAL), "send"));
  }
}

/** Reads what there is into the buffer, waits if there is nothing, and returns how much it was. */
export function receive(fd: number, buffer: Uint8Array<ArrayBuffer>): number {
  const count = expect(libc.recv(fd, buffer, buffer.length, 0), "receive");
  if (count === 0) throw new Error("Cannot receive: the server closed the connection");
  return count;
}

/** Closes a descriptor; a poller forgets it. */
export function close(fd: number): void {
  libc.close(fd);
}

/** Waits until descriptors can be read. */
export class Poller {
  readonly #fd = expect(libc.epoll_create1(0), "make a poller");
  readonly #events: Int32Array<ArrayBuffer>;
  readonly #capacity: number;
  readonly #timeout = new Int32Array(4);

  /** `capacity` is how many may be ready at a time. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#events = new Int32Array(capacity * EVENT_WORDS);
  }

  /** Watches a descriptor under a number of the caller's choice. */
  add(fd: number, token: number): void {
    const event = new Int32Array(EVENT_WORDS);
    event[0] = EPOLLIN;
    event[EVENT_TOKEN] = token;
    expect(libc.epoll_ctl(this.#fd, EPOLL_CTL_ADD, fd, event), "watch a socket");
  }

  /** Waits for so long at most, and returns how many can be read: {@linkcode Poller.token}. */
  wait(ms: number): number {
    const nanoseconds = Math.max(0, ms) * 1e6;
    this.#timeout[0] = nanoseconds / 1e9;
    this.#timeout[2] = nanoseconds % 1e9;
    return expect(
      libc.epoll_pwait2(this.#fd, this.#events, this.#capacity, this.#timeout, null),
      "wait for replies",
    );
  }

  /** The number of the `i`-th that can be read. */
  token(i: number): number {
    return this.#events[i * EVENT_WORDS + EVENT_TOKEN]!;
  }

  /** Forgets all. */
  [Symbol.dispose](): void {
    close(this.#fd);
  }
}

/** `127.0.0.x` and a port, as the kernel has them. */
function addressOf(port: number, host: number): Uint8Array<ArrayBuffer> {
  const address = new Uint8Array(16);
  address.set([AF_INET, 0, port >> 8, port & 255, 127, 0, 0, host]);
  return address;
}

function expect(result: number, action: string): number {
  if (result >= 0) return result;
  throw new Error(`Cannot ${action}: the system call failed`);
}
