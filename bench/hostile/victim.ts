import { hashToken } from "@switchyard/switchyard";
import { Server } from "../servers.ts";
import type { Target } from "./bad_client.ts";

const TOKENS = { good: "the good one's token", guest: "the bad ones' token" };

/** A server, and how clients come to it. */
export interface Victim {
  readonly server: Server;
  readonly good: Target;
  readonly bad: Target;
}

/**
 * Starts the real program with limits that bad clients reach soon; `anonymous`: it asks nobody;
 * `limits`: what the operator grants the bad ones, as a file of tokens has it.
 */
export async function startVictim({ anonymous = false, limits = "" } = {}): Promise<Victim> {
  const tokens = Object.entries(TOKENS).map(([name, token]) =>
    `${name} ${hashToken(token)} ${name === "guest" ? limits : ""}`.trimEnd()
  );
  Deno.env.set("HOSTILE_TOKENS", tokens.join("\n"));
  const server = await Server.ours(
    "--jobs=bench/jobs",
    "--memory=64",
    "--line-timeout=2s",
    "--stall-timeout=2s",
    "--listen=127.0.0.1:0",
    "--listen=tls:127.0.0.1:0",
    "--tls-cert=tests/fixtures/tls/server.crt",
    "--tls-key=tests/fixtures/tls/server.key",
    ...(anonymous ? [] : ["--tokens=env:HOSTILE_TOKENS"]),
  );
  const target: Target = {
    port: server.port,
    tlsPort: Number(/tls:127\.0\.0\.1:(\d+)/.exec(server.announcement)![1]),
  };
  const as = (token: string) => anonymous ? target : { ...target, token };
  return { server, good: as(TOKENS.good), bad: as(TOKENS.guest) };
}
