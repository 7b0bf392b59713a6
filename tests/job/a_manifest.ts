import type { Manifest } from "../../src/job/mod.ts";

/** A manifest that says no more than the test does. */
export function aManifest(said: Partial<Manifest> = {}): Manifest {
  return {
    name: "job",
    summary: "",
    examples: [],
    takes: "",
    permissions: {},
    limits: {},
    pure: false,
    concurrency: 1,
    priority: "normal",
    calls: [],
    ...said,
  };
}
