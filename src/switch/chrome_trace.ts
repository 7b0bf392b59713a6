import type { CancelEvent, SwitchEvent } from "./switch_event.ts";

/** What every event of a {@linkcode ChromeTrace} has. */
export interface ChromeEventBase {
  /** What is shown. */
  readonly name: string;
  /** The process: always 1. */
  readonly pid: number;
  /** The track: the number of a switch or a fiber, or a further track of it. */
  readonly tid: number;
}

/** The name of a track or of the process, or its place among the others. */
export interface ChromeMetadata extends ChromeEventBase {
  /** The phase: metadata. */
  readonly ph: "M";
  /** What the metadata says. */
  readonly args: { readonly name: string } | { readonly sort_index: number };
}

/** A stretch of time on a track. */
export interface ChromeSlice extends ChromeEventBase {
  /** The phase: a complete event. */
  readonly ph: "X";
  /** What kind of thing took the time. */
  readonly cat: ChromeSliceKind;
  /** The begin, in microseconds. */
  readonly ts: number;
  /** How long it took, in microseconds. */
  readonly dur: number;
  /** What else is known. */
  readonly args: Readonly<Record<string, unknown>>;
}

/** A moment on a track. */
export interface ChromeInstant extends ChromeEventBase {
  /** The phase: an instant. */
  readonly ph: "i";
  /** Always a cancellation. */
  readonly cat: "cancel";
  /** It is drawn on its track alone. */
  readonly s: "t";
  /** When, in microseconds. */
  readonly ts: number;
  /** What else is known. */
  readonly args: Readonly<Record<string, unknown>>;
}

/** An end of an arrow from the cause of a cancellation to what it reached. */
export interface ChromeFlow extends ChromeEventBase {
  /** The phase: the start of the arrow, or its finish. */
  readonly ph: "s" | "f";
  /** It ends in the slice around it, not in the next. */
  readonly bp: "e";
  /** Always a cancellation. */
  readonly cat: "cancel";
  /** What the two ends of an arrow have in common. */
  readonly id: number;
  /** When, in microseconds. */
  readonly ts: number;
}

/** An event of a {@linkcode ChromeTrace}. */
export type ChromeEvent = ChromeMetadata | ChromeSlice | ChromeInstant | ChromeFlow;

/** A file of Chrome's trace event format: write it as JSON, and open it with Perfetto. */
export interface ChromeTrace {
  /** The unit that a viewer shows times in. */
  readonly displayTimeUnit: "ms";
  /** The events, in no order. */
  readonly traceEvents: readonly ChromeEvent[];
}

/** What can take time. */
export type ChromeSliceKind = "switch" | "fiber" | "wait" | "release";

/** A stretch of time before it has a track. */
interface Slice {
  /** Whose it is. */
  readonly id: number;
  readonly kind: ChromeSliceKind;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Slices that lie in one another or apart: a viewer cannot draw others on one track. */
interface Track {
  readonly id: number;
  readonly tid: number;
  readonly slices: Slice[];
  /** When those end in which the next may lie, the innermost last. */
  readonly ends: number[];
}

const PID = 1;

/** Events as a trace. What has not ended goes on to the last of them. */
export function chromeTraceOf(events: readonly SwitchEvent[]): ChromeTrace {
  const tracks = layOut(slicesOf(events));
  return {
    displayTimeUnit: "ms",
    traceEvents: [
      { ph: "M", name: "process_name", pid: PID, tid: 0, args: { name: "switches" } },
      ...tracks.flatMap(drawTrack),
      ...events.filter((event) => event.kind === "cancel").flatMap(drawCancel),
    ],
  };
}

/** What took time, by its begin; of those that begin together the longest first. */
function slicesOf(events: readonly SwitchEvent[]): Slice[] {
  const slices = new Map<string, Slice>();
  const last = events.at(-1)?.at ?? 0;
  for (const event of events) {
    const slice = sliceOf(event, last);
    if (slice === undefined) continue;
    const key = keyOf(slice, event);
    const args = { ...slices.get(key)?.args, ...slice.args };
    slices.set(key, { ...slice, args });
  }
  return Array.from(slices.values()).sort((a, b) =>
    a.start - b.start || b.end - a.end || DEPTH[a.kind] - DEPTH[b.kind]
  );
}

/** What may lie in what, where both take the same time. */
const DEPTH: Readonly<Record<ChromeSliceKind, number>> = {
  switch: 0,
  fiber: 0,
  release: 1,
  wait: 2,
};

/** The slice that an event begins, as long as it can be, or ends. */
function sliceOf(event: SwitchEvent, last: number): Slice | undefined {
  const { id, name, at } = event;
  switch (event.kind) {
    case "open":
      return { id, kind: "switch", name, start: at, end: last, args: { parent: event.parent } };
    case "fork": {
      const { fiber, parent } = event;
      return { id, kind: "fiber", name, start: at, end: last, args: { fiber, parent } };
    }
    case "wait":
      return { id, kind: "wait", name: event.what, start: at, end: last, args: {} };
    case "release":
      return { id, kind: "release", name: nameOfRelease(event), start: at, end: last, args: {} };
    case "resume": {
      const { what, since, cancelled } = event;
      return { id, kind: "wait", name: what, start: since, end: at, args: { cancelled } };
    }
    case "released": {
      const name = nameOfRelease(event);
      return { id, kind: "release", name, start: event.since, end: at, args: {} };
    }
    case "end": {
      const kind = event.of === "switch" ? "switch" : "fiber";
      return { id, kind, name, start: event.since, end: at, args: { error: event.error } };
    }
    case "cancel":
      return undefined;
  }
}

function nameOfRelease({ nth }: { readonly nth: number }): string {
  return `release ${nth}`;
}

/** What the events at both ends of a slice have in common. */
function keyOf({ id, kind, name }: Slice, event: SwitchEvent): string {
  if (kind === "wait") return `wait ${"wait" in event ? event.wait : ""}`;
  return kind === "release" ? `${name} of ${id}` : `${id}`;
}

/** Puts each slice on the first track of its owner that has room for it, and makes one if none has. */
function layOut(slices: readonly Slice[]): Track[] {
  const owners = new Map<number, Track[]>();
  let lastTid = slices.reduce((max, { id }) => Math.max(max, id), 0);
  for (const slice of slices) {
    const tracks = owners.get(slice.id) ?? [];
    owners.set(slice.id, tracks);
    if (tracks.some((track) => putOn(track, slice))) continue;
    const tid = tracks.length === 0 ? slice.id : ++lastTid;
    tracks.push({ id: slice.id, tid, slices: [slice], ends: [slice.end] });
  }
  return Array.from(owners.values()).flat();
}

/** Puts a slice on a track, if it lies inside of another there or after all. */
function putOn({ slices, ends }: Track, slice: Slice): boolean {
  const isOver = (end: number) => end <= slice.start && end < slice.end;
  while (ends.length > 0 && isOver(ends.at(-1)!)) ends.pop();
  if (ends.length > 0 && slice.end > ends.at(-1)!) return false;
  ends.push(slice.end);
  slices.push(slice);
  return true;
}

function drawTrack({ id, tid, slices }: Track, index: number): ChromeEvent[] {
  const track = { ph: "M", pid: PID, tid } as const;
  const [first] = slices;
  const title = `${first!.kind} ${first!.name}`.trimEnd();
  const name = tid === id ? title : `${title} (${id}, also)`;
  return [
    { ...track, name: "thread_name", args: { name } },
    { ...track, name: "thread_sort_index", args: { sort_index: index } },
    ...slices.map((slice) => drawSlice(slice, tid)),
  ];
}

function drawSlice({ kind, name, start, end, args }: Slice, tid: number): ChromeSlice {
  const ts = microseconds(start);
  const dur = microseconds(end) - ts;
  return { ph: "X", name: name || kind, cat: kind, ts, dur, pid: PID, tid, args };
}

/** The moment on the track of what was cancelled, and an arrow to it if somebody else began. */
function drawCancel({ at, id, by, cause }: CancelEvent, index: number): ChromeEvent[] {
  const event = { name: "cancel", cat: "cancel", ts: microseconds(at), pid: PID } as const;
  const instant: ChromeInstant = { ...event, ph: "i", s: "t", tid: id, args: { cause, by } };
  if (by === id) return [instant];
  const arrow = { ...event, bp: "e", id: index + 1 } as const;
  return [instant, { ...arrow, ph: "s", tid: by }, { ...arrow, ph: "f", tid: id }];
}

function microseconds(ms: number): number {
  return ms * 1000;
}
