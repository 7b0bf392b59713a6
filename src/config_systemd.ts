import { ConfigError } from "./config_error.ts";
import type { SystemdSockets } from "./config_listen.ts";
import type { InheritedAddress, Vars } from "./env/mod.ts";

/** The first descriptor that a service manager hands over. */
const FIRST_FD = 3;

/**
 * The sockets that a service manager has handed to the process `pid`, all of them or those of a name.
 * Throws a {@linkcode ConfigError} where there are none, or they are another process's.
 */
export function systemdSockets(
  { name }: SystemdSockets,
  vars: Vars,
  pid: number,
): InheritedAddress[] {
  const count = Number(vars.get("LISTEN_FDS") ?? 0);
  if (!Number.isInteger(count) || count < 1) {
    throw refusal("LISTEN_FDS says that no socket was handed over; start it by a .socket unit");
  }
  const owner = vars.get("LISTEN_PID");
  if (owner !== String(pid)) {
    throw refusal(
      `LISTEN_PID says that the sockets are for process ${owner}, and this is ${pid}; have the unit start deno itself`,
    );
  }
  const names = (vars.get("LISTEN_FDNAMES") ?? "").split(":");
  const sockets = Array.from({ length: count }, (_, index): InheritedAddress => ({
    transport: "inherited",
    fd: FIRST_FD + index,
  })).filter((_, index) => name === undefined || names[index] === name);
  if (sockets.length > 0) return sockets;
  throw refusal(`LISTEN_FDNAMES names no socket "${name}"; there are ${names.join(", ")}`);
}

function refusal(why: string): ConfigError {
  return new ConfigError(`Cannot listen on sockets of systemd: ${why}`);
}
