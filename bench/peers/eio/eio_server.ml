(* A server of number lines as one writes it with Eio: a fiber for each connection, each job on an
   executor pool with a domain for each core, and a write for each reply.

   ocamlfind ocamlopt -O3 -package eio_main -linkpkg eio_server.ml -o eio_server && ./eio_server 2 *)

open Eio.Std

let rec fib n = if n <= 1 then n else fib (n - 1) + fib (n - 2)

let reply_to pool line =
  match int_of_string_opt line with
  | None -> "Error: Invalid number\n"
  | Some n ->
    let result = Eio.Executor_pool.submit_exn pool ~weight:1.0 (fun () -> fib n) in
    Printf.sprintf "Result: %d\n" result

let serve pool flow _address =
  let lines = Eio.Buf_read.of_flow flow ~max_size:65536 in
  try
    while true do
      Eio.Flow.copy_string (reply_to pool (Eio.Buf_read.line lines)) flow
    done
  with End_of_file -> ()

let port_of socket =
  match Eio.Net.listening_addr socket with
  | `Tcp (_, port) -> port
  | `Unix _ -> assert false

let () =
  let domain_count = int_of_string Sys.argv.(1) in
  Eio_main.run @@ fun env ->
  Switch.run @@ fun sw ->
  let pool = Eio.Executor_pool.create ~sw ~domain_count (Eio.Stdenv.domain_mgr env) in
  let address = `Tcp (Eio.Net.Ipaddr.V4.loopback, 0) in
  let socket = Eio.Net.listen (Eio.Stdenv.net env) ~sw ~backlog:511 address in
  Printf.printf "listening %d\n%!" (port_of socket);
  Eio.Net.run_server socket (serve pool) ~on_error:(fun error -> traceln "%a" Fmt.exn error)
