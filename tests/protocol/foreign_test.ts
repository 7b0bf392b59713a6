import { assertEquals } from "@std/assert";
import { foreignProtocol, isTlsHello } from "../../src/protocol/mod.ts";

Deno.test("foreignProtocol() knows the request line of each HTTP method", () => {
  const methods = "GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH".split(" ");
  for (const method of methods) {
    assertEquals(foreignProtocol(`${method} /x?y=z HTTP/1.1`), "http");
  }
});

Deno.test("foreignProtocol() leaves what only begins like HTTP", () => {
  for (const line of ["GET", "GET /", "get / HTTP/1.1", " GET / HTTP/1.1", "30"]) {
    assertEquals(foreignProtocol(line), undefined);
  }
});

Deno.test("isTlsHello() knows the first bytes of a TLS connection", () => {
  assertEquals(isTlsHello(Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00)), true);
  assertEquals(isTlsHello(Uint8Array.of(0x16, 0x0a)), false);
  assertEquals(isTlsHello(Uint8Array.of(0x16)), false);
  assertEquals(isTlsHello(new Uint8Array()), false);
});
