import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { PERMISSION_KINDS, type PermissionRequest } from "../../src/job/mod.ts";
import type { Permissions } from "../../src/env/mod.ts";
import { grantedPermissions, isolationOf } from "../../src/pool/jobs/grants.ts";
import { aManifest } from "../job/a_manifest.ts";

function grant(asked: PermissionRequest, granted?: PermissionRequest) {
  return grantedPermissions(aManifest({ permissions: asked }), granted);
}

const NOTHING = Object.fromEntries(PERMISSION_KINDS.map((kind) => [kind, "none"]));

Deno.test("grantedPermissions() gives nothing to a job that asks for nothing, whatever was granted", () => {
  assertEquals(grant({}), NOTHING as never);
  assertEquals(grant({}, { net: true, read: ["/data"] }), NOTHING as never);
  assertEquals(grant({ net: [], read: [] }), NOTHING as never);
});

Deno.test("grantedPermissions() gives what was asked for, not what was granted beyond", () => {
  const permissions = grant({ net: ["a:1"], env: true }, { net: ["a:1", "b:2"], env: true });
  assertEquals(permissions, { ...NOTHING, net: ["a:1"], env: "all" } as never);
  assertEquals(grant({ net: ["a:1"] }, { net: true }), { ...NOTHING, net: ["a:1"] } as never);
});

Deno.test("grantedPermissions() says what was asked and what was granted where that is less", () => {
  const refusals: [PermissionRequest, PermissionRequest | undefined, string][] = [
    [{ net: true }, undefined, "asks for net, and is granted nothing"],
    [{ net: ["a:1"] }, { net: [] }, "asks for net (a:1), and is granted net ()"],
    [{ net: true }, { net: ["a:1"] }, "asks for net, and is granted net (a:1)"],
    [{ read: ["/a", "/b"] }, { read: ["/a"] }, "asks for read (/a, /b), and is granted read (/a)"],
    [{ read: ["/ab"] }, { read: ["/a"] }, "asks for read (/ab), and is granted read (/a)"],
    [{ read: ["/a/../b"] }, { read: ["/a"] }, "asks for read (/a/../b), and is granted read (/a)"],
    [{ read: ["a/b"] }, { read: ["a"] }, "asks for read (a/b), and is granted read (a)"],
    [{ net: ["a"] }, { net: ["a:1"] }, "asks for net (a), and is granted net (a:1)"],
    [{ run: ["/x/y"] }, { run: ["/x"] }, "asks for run (/x/y), and is granted run (/x)"],
    [{ run: ["x"], ffi: true }, { run: ["x"] }, "asks for run (x), ffi, and is granted run (x)"],
  ];
  for (const [asked, granted, says] of refusals) {
    assertEquals(grant(asked, granted), `Cannot run the job job: it ${says}`);
  }
});

Deno.test("A grant covers what Deno would let through with it", () => {
  const covered: [PermissionRequest, PermissionRequest][] = [
    [{ read: ["/data/x"] }, { read: ["/data/"] }],
    [{ write: ["/data/./x/../y"] }, { write: ["/data"] }],
    [{ ffi: ["/lib/one.so"] }, { ffi: ["/lib"] }],
    [{ net: ["A.com:443"] }, { net: ["a.com"] }],
    [{ net: ["[::1]:80"] }, { net: ["[::1]"] }],
    [{ net: ["x.a.com:1"] }, { net: ["*.a.com"] }],
    [{ import: ["a.com:443"] }, { import: ["a.com"] }],
    [{ env: ["AWS_REGION"] }, { env: ["AWS_*"] }],
  ];
  for (const [asked, granted] of covered) {
    assertEquals(typeof grant(asked, granted), "object", JSON.stringify(asked));
    assertEquals(typeof grant(granted, asked), "string", JSON.stringify(granted));
  }
});

Deno.test("A job may run in a worker unless it can leave it, is not trusted, or is told otherwise", () => {
  const permissions = (asked: PermissionRequest) => grant(asked, asked) as Permissions;
  assertEquals(isolationOf(permissions({ net: true })), "worker");
  assertEquals(isolationOf(permissions({ run: ["ls"] })), "process");
  assertEquals(isolationOf(permissions({ ffi: true })), "process");
  assertEquals(isolationOf(permissions({}), { untrusted: true }), "process");
  assertEquals(isolationOf(permissions({ ffi: true }), { isolation: "worker" }), "worker");
  assertEquals(isolationOf(permissions({}), { isolation: "process" }), "process");
});

Deno.test("Law 10: grantedPermissions() never gives a value that was not both asked and granted", () => {
  const values = fc.option(
    fc.oneof(fc.constant(true as const), fc.subarray(["a", "b", "c"])),
    { nil: undefined },
  );
  const requests = fc.record(
    Object.fromEntries(PERMISSION_KINDS.map((kind) => [kind, values])),
  ) as fc.Arbitrary<PermissionRequest>;
  fc.assert(fc.property(requests, requests, (asked, granted) => {
    const permissions = grant(asked, granted);
    if (typeof permissions === "string") return;
    for (const kind of PERMISSION_KINDS) {
      const given = permissions[kind];
      if (given === "none") continue;
      if (given === "all") assertEquals([asked[kind], granted[kind]], [true, true]);
      else {
        assertEquals(given, asked[kind] as readonly string[]);
        const limit = granted[kind];
        assertEquals(given.filter((value) => limit !== true && !limit?.includes(value)), []);
      }
    }
  }));
});
