import fc from "fast-check";
import { Program, scripts } from "./laws_program.ts";

Deno.test("laws 1 to 6 hold in random trees of switches under random schedules", async () => {
  const choices = fc.array(fc.nat(), { maxLength: 60 });
  const abortAt = fc.nat({ max: 80 });
  await fc.assert(
    fc.asyncProperty(
      scripts,
      choices,
      abortAt,
      (...program) => new Program().run(...program),
    ),
    { numRuns: 10_000 },
  );
});
