import { defineJob } from "@switchyard/switchyard/job";
import type { JSONValue } from "@jmespath-community/jmespath";
import * as v from "valibot";
import { countParts } from "./_count_parts.ts";
import { excerpt } from "./_excerpt.ts";

/** The longest expression, in UTF-16 units. */
const MAX_EXPRESSION = 4_096;

/** The most that comes out: an expression may double its result a thousand times. */
const MAX_PARTS = 100_000;

const FORM = 'Expected an expression, the word from, and JSON, as in: a.b from {"a":{"b":1}}';

export default defineJob({
  name: "query",
  summary: "What a JMESPath expression finds in JSON",
  takes: "an expression of jmespath.org, the word from, and JSON",
  examples: [
    'people[].name from {"people":[{"name":"Ada"},{"name":"Alan"}]}',
    '[?age > `30`] | length(@) from [{"age":25},{"age":36}]',
  ],
  limits: { deadlineMs: 5_000 },
  pure: true,
  input: v.object({
    expression: v.pipe(
      v.string(),
      v.maxLength(MAX_EXPRESSION, `Expected an expression of at most ${MAX_EXPRESSION} characters`),
    ),
    data: v.custom<JSONValue>((value) => value !== undefined, "Expected JSON"),
  }),
  parse(text) {
    const at = text.indexOf(" from ");
    if (at < 0) throw new SyntaxError(FORM);
    return { expression: text.slice(0, at), data: parseJson(text.slice(at + " from ".length)) };
  },
  async run({ expression, data }) {
    const { search } = await import("@jmespath-community/jmespath");
    const found = explain(expression, () => search(data, expression));
    if (countParts(found, MAX_PARTS) <= MAX_PARTS) return toPlainJson(found);
    throw new RangeError(
      `Cannot give the result: it has more than ${MAX_PARTS} parts, which is the limit`,
    );
  },
  format: (found) => JSON.stringify(found),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError(`Expected JSON after from: ${(cause as Error).message}`, { cause });
  }
}

function explain(expression: string, find: () => JSONValue): JSONValue {
  try {
    return find();
  } catch (cause) {
    const { message } = cause as Error;
    const why = /call stack/.test(message) ? "it, or the data, is nested too deep" : message;
    throw new SyntaxError(`Cannot evaluate ${excerpt(expression)}: ${why}`, { cause });
  }
}

/** What an expression such as `constructor` finds is no JSON, and becomes null. */
function toPlainJson(found: JSONValue): JSONValue {
  return JSON.parse(JSON.stringify(found) ?? "null");
}
