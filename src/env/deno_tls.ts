import { createSecureContext } from "node:tls";
import type { Closable } from "./close_with.ts";
import { TlsConn, type TlsServerSide } from "./deno_tls_conn.ts";
import { checkIdentity } from "./deno_tls_identity.ts";
import type { Address, Conn, Listener, TlsIdentity } from "./net.ts";

/**
 * A listener whose connections speak TLS. By `node:tls`, because `Deno.listenTls` cannot ask for the
 * certificate of a client, nor change its own while it listens.
 */
export class TlsListener implements Listener {
  readonly #listener: Listener & Closable;
  #side: TlsServerSide;

  /** Throws a TypeError where `tls` cannot be used. */
  constructor(listener: Listener & Closable, tls: TlsIdentity) {
    this.#listener = listener;
    this.#side = serverSide(tls);
  }

  get address(): Address {
    return this.#listener.address;
  }

  set onClose(fn: (() => void) | undefined) {
    this.#listener.onClose = fn;
  }

  /** Keys are agreed on later, so that a client that is slow to do so keeps no other waiting. */
  async accept(): Promise<Conn> {
    return new TlsConn(await this.#listener.accept(), this.#side);
  }

  identify(tls: TlsIdentity): void {
    this.#side = serverSide(tls);
  }

  close(): void {
    this.#listener.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function serverSide(tls: TlsIdentity): TlsServerSide {
  checkIdentity(tls);
  const { cert, key, clientAuthorities } = tls;
  return {
    context: createSecureContext({
      cert,
      key,
      ...(clientAuthorities === undefined ? {} : { ca: clientAuthorities }),
    }),
    asksClients: clientAuthorities !== undefined,
  };
}
