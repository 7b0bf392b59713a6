/** What the platform's own `node:net` is made of. Deno has it, and does not declare it. */
interface PipeHandle {
  onread: (bytes: ArrayBuffer | undefined) => void;
  open(descriptor: number): number;
  readStart(): number;
  writeBuffer(request: object, bytes: Uint8Array): number;
}

interface Bindings {
  readonly pipe_wrap: {
    readonly Pipe: new (kind: number) => PipeHandle;
    readonly constants: { readonly SOCKET: number };
  };
  readonly stream_wrap: { readonly WriteWrap: new () => object };
}

/**
 * A socket that this process was started with. It writes before it returns, as far as the socket
 * takes it: what a job's loop that never waits has said is heard all the same. Not `node:net`, whose
 * prototypes a job could change to read what is meant for the lane.
 */
export class InheritedPipe {
  readonly #handle: PipeHandle;
  readonly #WriteWrap = bindingOf("stream_wrap").WriteWrap;
  readonly #write: PipeHandle["writeBuffer"];

  /** Opens the descriptor. Call it before {@linkcode harden}, which closes this way to jobs. */
  constructor(descriptor: number) {
    const { Pipe, constants } = bindingOf("pipe_wrap");
    this.#handle = new Pipe(constants.SOCKET);
    this.#write = this.#handle.writeBuffer;
    const error = this.#handle.open(descriptor);
    if (error !== 0) throw new Error(`Cannot open descriptor ${descriptor}: error ${error}`);
  }

  /** Calls `fn` for each chunk that arrives, and `ended` once no more will. */
  read(fn: (chunk: Uint8Array) => void, ended: () => void): void {
    this.#handle.onread = (bytes) => bytes === undefined ? ended() : fn(new Uint8Array(bytes));
    this.#handle.readStart();
  }

  /** Sends bytes, after those that were sent before. An end of the other side shows in `read`. */
  write(bytes: Uint8Array): void {
    this.#write.call(this.#handle, new this.#WriteWrap(), bytes);
  }
}

function bindingOf<K extends keyof Bindings>(name: K): Bindings[K] {
  const binding: (name: K) => Bindings[K] = Reflect.get(process, "binding");
  return binding.call(process, name);
}
