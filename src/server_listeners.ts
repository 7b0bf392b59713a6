import { ConfigError, isLoopback } from "./config.ts";
import { formatAddress, type Listener, type Net } from "./env/mod.ts";
import type { Switch } from "./switch/mod.ts";
import type { Endpoint, Security, ServerOptions } from "./server_options.ts";

/** Who may write to the file of a Unix socket where nothing is said: its owner alone. */
const UNIX_MODE = 0o600;

/** The places where a server listens. */
export class Listeners implements Iterable<Listener> {
  readonly #isInsecure: boolean;
  readonly #places: readonly Place[];

  private constructor(places: readonly Place[], isInsecure: boolean) {
    this.#places = places;
    this.#isInsecure = isInsecure;
  }

  /**
   * Listens everywhere until `sw` ends. Rejects with a {@linkcode ConfigError} where others could
   * come in and nobody would ask them who they are, and as `Net.listen`.
   */
  static async open(
    sw: Switch,
    net: Net,
    { listen, insecure = false }: ServerOptions,
    security: Security,
  ): Promise<Listeners> {
    const endpoints = "transport" in listen ? [{ address: listen }] : listen;
    if (endpoints.length === 0) throw new ConfigError("Cannot listen: no address was given");
    const places: Place[] = [];
    for (const endpoint of endpoints) {
      const { address } = endpoint;
      if (address.transport !== "inherited") checkGuard(endpoint, address, security, insecure);
      const listener = await openOne(sw, net, endpoint, security);
      checkGuard(endpoint, listener.address, security, insecure);
      places.push({ endpoint, listener });
    }
    return new Listeners(places, insecure);
  }

  /** The first, after which the server is named. */
  get first(): Listener {
    return this.#places[0]!.listener;
  }

  /** Whether TLS is spoken at one of them. */
  speaksTls(listener: Listener): boolean {
    return this.#places.some((place) => place.listener === listener && place.endpoint.tls);
  }

  /** Each address as the log writes it. */
  describe(): string {
    return this.#places.map(({ endpoint, listener }) =>
      `${endpoint.tls ? "tls:" : ""}${formatAddress(listener.address)}`
    ).join(" ");
  }

  /** Those beyond this machine where what is sent can be read on its way, tokens too. */
  get readable(): string[] {
    return this.#places.filter(({ endpoint, listener }) =>
      !endpoint.tls && !isLoopback(listener.address)
    ).map(({ listener }) => formatAddress(listener.address));
  }

  /**
   * Shows the certificates of `security` from now on. Throws where they cannot be used, or others
   * could come in unasked; then all stays as it was.
   */
  secure(security: Security): void {
    for (const { endpoint, listener } of this.#places) {
      checkGuard(endpoint, listener.address, security, this.#isInsecure);
    }
    for (const { endpoint, listener } of this.#places) {
      if (endpoint.tls) listener.identify(identityOf(endpoint, security));
    }
  }

  /** In the order of the options. */
  *[Symbol.iterator](): Iterator<Listener> {
    for (const { listener } of this.#places) yield listener;
  }
}

interface Place {
  readonly endpoint: Endpoint;
  readonly listener: Listener;
}

async function openOne(
  sw: Switch,
  net: Net,
  endpoint: Endpoint,
  security: Security,
): Promise<Listener> {
  const { address, tls, mode = UNIX_MODE, reusePort = false } = endpoint;
  try {
    return await net.listen(sw, address, {
      ...(tls ? { tls: identityOf(endpoint, security) } : {}),
      ...(address.transport === "unix" ? { mode } : { reusePort }),
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ConfigError(error.message, { cause: error }); // the certificate, or its key
  }
}

function identityOf({ address }: Endpoint, { tls }: Security) {
  if (tls !== undefined) return tls;
  throw new ConfigError(
    `Cannot listen on tls:${
      formatAddress(address)
    }: it needs a certificate; give --tls-cert and --tls-key`,
  );
}

/** Nobody beyond this machine comes in unasked, unless the operator says so. */
function checkGuard(
  { tls }: Endpoint,
  address: Listener["address"],
  security: Security,
  isInsecure: boolean,
): void {
  const asksTokens = (security.principals ?? []).length > 0;
  const asksCertificates = tls && security.tls?.clientAuthorities !== undefined;
  if (isInsecure || asksTokens || asksCertificates || isLoopback(address)) return;
  throw new ConfigError(
    `Cannot listen on ${
      formatAddress(address)
    }: whoever reaches it could run jobs, as nobody is asked who they are; give --tokens (or --tls-client-ca with a tls: address), or say --insecure`,
  );
}
