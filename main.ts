/**
 * The program. It takes authority once: arguments, variables, the real environment, signals. What
 * it does with them is in `src/`; of that a command loads what it needs.
 *
 * @module
 */

import { MISUSED, print, version } from "./main_say.ts";

const HELP = `Switchyard: lines in, results out; every job on a core of its own.

Usage: main.ts serve [flags]               serve jobs on a port
       main.ts call [flags] JOB [TEXT...]  call a job on a server
       main.ts serve --help, call --help   their flags
       main.ts --version
`;

async function main([command, ...args]: readonly string[]): Promise<number> {
  switch (command) {
    case "serve":
      return await (await import("./main_serve.ts")).serve(args);
    case "call":
      return await (await import("./main_call.ts")).call(args);
    case "--version":
      return print(version());
    case "--help":
    case "-h":
      return print(HELP);
    default:
      console.error(
        command === undefined ? HELP : `switchyard: Cannot do "${command}": see --help`,
      );
      return MISUSED;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
