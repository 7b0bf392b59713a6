import { createServer } from "node:net";
import { toNetError } from "./deno_net_error.ts";
import { NodeListener, untilListening } from "./deno_node_listener.ts";
import type { PeerTable } from "./deno_peer_table.ts";
import { formatAddress, type InheritedAddress } from "./net.ts";

/** Listens on a socket that was opened by whoever started this process, as systemd does. */
export async function listenInherited(
  address: InheritedAddress,
  peers: PeerTable,
): Promise<NodeListener> {
  const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true });
  try {
    await untilListening(server, { fd: address.fd });
  } catch (cause) {
    throw toNetError(`listen on ${formatAddress(address)}`, cause);
  }
  return new NodeListener(server, peers);
}
