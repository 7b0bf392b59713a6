import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "connect",
  summary: "Connects to a port of this machine, and asks for no permission to do so",
  input: v.number(),
  async run(port) {
    using _conn = await Deno.connect({ hostname: "127.0.0.1", port });
    return "connected";
  },
});
