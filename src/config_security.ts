import { ConfigError } from "./config_error.ts";
import { parseConfigFile } from "./config_file.ts";
import type { Config } from "./config_options.ts";
import { joinPrincipals, parseTokenLines } from "./config_principals.ts";
import { systemdSockets } from "./config_systemd.ts";
import type { Vars } from "./env/mod.ts";
import type { Endpoint, Security } from "./server_options.ts";

/** What {@linkcode readSecurity} reads with. */
export interface SecuritySources {
  /** Reads the file of this path. Rejects with a sentence for the operator. */
  readonly read: (path: string, flag: string) => Promise<string>;
  readonly vars: Vars;
  /** Reads the configuration file again, if there is one: its text and path. */
  readonly readConfig: () => Promise<{ readonly text: string; readonly path: string } | undefined>;
}

type SecurityConfig = Pick<Config, "listen" | "tlsCert" | "tlsKey" | "tlsClientCa" | "tokens">;

/** Reads certificates, and who may ask. Throws a {@linkcode ConfigError} where they are wrong. */
export async function readSecurity(
  config: SecurityConfig,
  sources: SecuritySources,
): Promise<Security> {
  const tls = await readIdentity(config, sources);
  const file = await sources.readConfig();
  const principals = joinPrincipals([
    ...file === undefined ? [] : parseConfigFile(file.text, file.path).principals,
    ...await readTokens(config, sources),
  ], "--tokens and the file");
  return { ...(tls === undefined ? {} : { tls }), principals };
}

/** Where to listen, with the sockets of a service manager by their numbers. */
export function endpointsOf(
  { listen, unixMode, reusePort }: Pick<Config, "listen" | "unixMode" | "reusePort">,
  vars: Vars,
  pid: number,
): Endpoint[] {
  return listen.flatMap(({ address, tls }): Endpoint[] => {
    const addresses = address.transport === "systemd"
      ? systemdSockets(address, vars, pid)
      : [address];
    return addresses.map((address) => ({ address, tls, mode: unixMode, reusePort }));
  });
}

async function readIdentity(config: SecurityConfig, { read }: SecuritySources) {
  const { tlsCert, tlsKey, tlsClientCa, listen } = config;
  if (!listen.some(({ tls }) => tls)) {
    if (tlsCert === "none" && tlsKey === "none" && tlsClientCa === "none") return undefined;
    throw new ConfigError("Cannot use --tls-cert: no address speaks TLS; write --listen tls:...");
  }
  if (tlsCert === "none" || tlsKey === "none") {
    const missing = tlsCert === "none" ? "--tls-cert" : "--tls-key";
    throw new ConfigError(`Cannot listen on a tls: address: ${missing} is missing`);
  }
  return {
    cert: await read(tlsCert, "tls-cert"),
    key: await read(tlsKey, "tls-key"),
    ...(tlsClientCa === "none"
      ? {}
      : { clientAuthorities: await read(tlsClientCa, "tls-client-ca") }),
  };
}

async function readTokens({ tokens }: SecurityConfig, { read, vars }: SecuritySources) {
  if (tokens === "none") return [];
  const name = /^env:(.+)$/.exec(tokens)?.[1];
  const text = name === undefined ? await read(tokens, "tokens") : vars.get(name);
  if (text === undefined) {
    throw new ConfigError(`Cannot use --tokens "${tokens}": there is no variable ${name}`);
  }
  const specs = parseTokenLines(text, `--tokens "${tokens}"`);
  if (specs.length > 0) return specs;
  throw new ConfigError(`Cannot use --tokens "${tokens}": it names nobody`);
}
