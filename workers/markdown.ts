import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";
import { readText } from "./_json_text.ts";

/** The longest text, in UTF-16 units: a thick book's chapter. */
const MAX_LENGTH = 1_000_000;

export default defineJob({
  name: "markdown",
  summary: "Markdown, as GitHub has it, as HTML that is safe to show: raw HTML comes out as text",
  takes: "Markdown; of several lines as a JSON string",
  examples: [
    "Some *emphasis*, `code` and a [link](https://example.com)",
    '"# A title\\n\\n- one\\n- two"',
  ],
  limits: { deadlineMs: 5_000 },
  pure: true,
  input: v.pipe(
    v.string("Expected a text"),
    v.maxLength(MAX_LENGTH, `Expected at most ${MAX_LENGTH} characters`),
  ),
  parse: readText,
  async run(text) {
    const { micromark } = await import("micromark");
    const { gfm, gfmHtml } = await import("micromark-extension-gfm");
    // Safe by what is not said here: `allowDangerousHtml` and `allowDangerousProtocol` are off.
    return micromark(text, { extensions: [gfm()], htmlExtensions: [gfmHtml()] });
  },
});
