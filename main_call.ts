import { runCall } from "./src/call.ts";
import { callHelp, parseCall } from "./src/call_flags.ts";
import { CallError } from "./src/client/mod.ts";
import { ConfigError } from "./src/config_error.ts";
import { DirError, NetError, realEnv } from "./src/env/mod.ts";
import type { Terminal } from "./src/progress_line.ts";
import { complain, MISUSED, NOT_CONNECTED, print } from "./main_say.ts";

/** What keeps a call from beginning: told in a sentence, without a stack. */
const CANNOT_BEGIN = [CallError, NetError, DirError, Deno.errors.NotCapable];

/** Calls a job on a server. Returns the exit code. */
export async function call(args: readonly string[]): Promise<number> {
  const { vars, net, clock, signals, cwd } = realEnv();
  try {
    const invocation = parseCall(args, vars);
    if (invocation.kind === "help") return print(callHelp());
    const { stdin, stdout } = Deno;
    const env = { net, clock, signals, cwd, stdin, stdout, stderr: terminal() };
    return await runCall(env, invocation.config);
  } catch (error) {
    if (error instanceof ConfigError) return complain("call", error, MISUSED);
    if (CANNOT_BEGIN.some((kind) => error instanceof kind)) {
      return complain("call", error, NOT_CONNECTED);
    }
    throw error;
  }
}

/** The standard error stream, for people to look at if it is a terminal. */
function terminal(): Terminal {
  const { stderr } = Deno;
  const isTerminal = stderr.isTerminal();
  return {
    isTerminal,
    columns: (isTerminal && Deno.consoleSize().columns) || 80, // some terminals do not know
    write: (data) => stderr.write(data),
  };
}
