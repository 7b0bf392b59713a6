import { InvalidInput } from "../../src/job/mod.ts";
import { type BoxedInput, Form, type JobInput, unpackValue } from "../../src/pool/link/mod.ts";
import type { BrokenJob, LoadedJob } from "./loaded_job.ts";
import type { Run } from "./run.ts";

/** Runs a job on the text of a slot. */
export function runForm(
  form: number,
  job: LoadedJob | BrokenJob,
  text: string,
  run: Run,
): unknown {
  if (form === Form.TEXT || form === Form.INTEGER) return job.runText(text, run);
  return form === Form.JSON
    ? job.runJson({ json: text }, run)
    : job.runValue(unpackValue(text), run);
}

/** Runs a job on an input that came as a message. */
export function runInput(job: LoadedJob | BrokenJob, input: JobInput, run: Run): unknown {
  if (typeof input === "string" || typeof input === "number") {
    return job.runText(String(input), run);
  }
  const take = input.streams ? (item: unknown) => run.talk.sendItem(item) : undefined;
  if ("json" in input) return job.runJson(input, run, take);
  return input.pull === undefined
    ? job.runValue(input.value, run, take)
    : pullInput(input.pull, run).then((value) => job.runValue(value, run, take));
}

/** The input that the run asks for now that it has begun. */
async function pullInput(pull: NonNullable<BoxedInput["pull"]>, { talk }: Run): Promise<unknown> {
  const { chunks } = talk;
  if (pull === "chunks") return chunks;
  try {
    return (await chunks.next()).value;
  } catch (cause) {
    throw new InvalidInput("", { cause });
  } finally {
    void chunks.return();
  }
}
