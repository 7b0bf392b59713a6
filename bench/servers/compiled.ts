import { ROOT, Server } from "../servers.ts";
import { MissingError, outputOf } from "./peer.ts";

/** Where what is compiled goes. */
const BUILT = new URL("bench/.built/", ROOT);

/** Builds the server in Go, and starts it with its flags. */
export async function startGo(name: string, ...flags: string[]): Promise<Server> {
  const command = new URL("go_server", BUILT);
  const source = new URL("bench/peers/go/", ROOT);
  const built = await outputOf("go", ["build", "-o", command.pathname, "."], source);
  if (built === undefined) throw new MissingError("there is no Go");
  return await Server.start(name, { command, args: flags });
}

/** Builds the server in OCaml, and starts it with a domain for each core. */
export async function startEio(name: string): Promise<Server> {
  const version = await outputOf("ocamlfind", ["ocamlopt", "-version"]);
  if (version === undefined) throw new MissingError("there is no OCaml with ocamlfind");
  if (Number.parseInt(version) < 5) throw new MissingError(`OCaml ${version} has no domains`);
  await outputOf("ocamlfind", ["query", "eio_main"]).catch(() => {
    throw new MissingError("there is no eio_main");
  });
  const command = new URL("eio_server", BUILT);
  await buildEio(command);
  return await Server.start(name, { command, args: [`${navigator.hardwareConcurrency}`] });
}

/** The compiler leaves its files beside the source: so it is given a copy. */
async function buildEio(program: URL): Promise<void> {
  await Deno.mkdir(BUILT, { recursive: true });
  await Deno.copyFile(
    new URL("bench/peers/eio/eio_server.ml", ROOT),
    new URL("eio_server.ml", BUILT),
  );
  const flags = ["ocamlopt", "-O3", "-package", "eio_main", "-linkpkg"];
  await outputOf("ocamlfind", [...flags, "eio_server.ml", "-o", program.pathname], BUILT);
}
