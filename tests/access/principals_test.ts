import { assertEquals } from "@std/assert";
import { hashToken, Principals } from "../../src/access/mod.ts";
import { FakeClock } from "../../src/env/mod.ts";

const WEB = { name: "web", tokens: [hashToken("old"), hashToken("new")] };
const OPS = { name: "ops", tokens: [hashToken("root")] };

function member(told: string[]) {
  return {
    onRoom: () => void told.push("room"),
    onChange: () => void told.push("change"),
    onRevoke: () => void told.push("revoke"),
  };
}

Deno.test("Principals.withToken() knows each token of everybody, and no other", () => {
  const principals = new Principals([WEB, OPS], new FakeClock());
  const named = (token: string) => principals.withToken(token)?.name;
  assertEquals(["old", "new", "root"].map(named), ["web", "web", "ops"]);
  assertEquals(["", "ol", "old ", hashToken("old")].map(named), Array(4).fill(undefined));
});

Deno.test("Principals.replace() keeps who stays, tells it of its limits, and revokes who is gone", () => {
  const principals = new Principals([WEB, OPS], new FakeClock());
  const web = principals.named("web")!;
  const told: string[] = [];
  web.enter(member(told));
  principals.named("ops")!.enter(member(told));
  principals.replace([{ ...WEB, tokens: [hashToken("newer")], maxInFlight: 1 }]);
  assertEquals(told, ["revoke", "change"]);
  assertEquals(principals.named("web"), web);
  assertEquals([principals.withToken("newer")?.name, principals.withToken("old")], [
    "web",
    undefined,
  ]);
  assertEquals(principals.withToken("root"), undefined);
});

Deno.test("A principal has no more connections than it may, and one more when one ends", () => {
  const web = new Principals([{ ...WEB, maxConnections: 2 }], new FakeClock()).named("web")!;
  const first = web.enter(member([]));
  web.enter(member([]));
  assertEquals(web.enter(member([])), undefined);
  first![Symbol.dispose]();
  assertEquals(web.enter(member([])) === undefined, false);
});

Deno.test("Room of a principal goes to who has waited longest, one for each request that ends", () => {
  const web = new Principals([{ ...WEB, maxInFlight: 1 }], new FakeClock()).named("web")!;
  const told: string[][] = [[], []];
  const members = told.map(member);
  for (const one of members) web.enter(one);
  web.began();
  for (const one of members) web.awaitRoom(one);
  web.passOn();
  assertEquals(told, [[], []]);
  web.ended();
  assertEquals(told, [["room"], []]);
  web.began();
  web.ended();
  assertEquals(told, [["room"], ["room"]]);
});
