import { type Histogram, quantileMs } from "../../src/pool/stats/histogram.ts";
import { svg } from "../svg.ts";
import { COMPILED_FIELD, FIELD, OURS } from "./field.ts";
import { time } from "./format.ts";
import type { Results } from "./results.ts";
import { type Workload, WORKLOADS } from "./workloads.ts";

const WIDTH = 760;
const LEFT = 64;
const RIGHT = 110;
const PANEL = 200;
const HEAD = 30;
const FOOT = 44;

/** Where the time of one request says more than how many there are. */
const SHOWN = ["open", "beside4", "beside16"];

/** Shares of all requests, each nine as far from the last as the one before. */
const TICKS = [0, 0.5, 0.9, 0.99, 0.999];
const NINES = 3;

const COLOURS = [
  "#0969da",
  "#cf222e",
  "#bf3989",
  "#bf8700",
  "#1a7f37",
  "#8250df",
  "#1b7c83",
  "#bc4c00",
  "#6e7781",
];

/** How long the requests of some workloads took, from the quickest to the slowest: a curve a peer. */
export function drawLatencies(results: Results): string {
  const shown = WORKLOADS.filter(({ id }) => SHOWN.includes(id) && id in results);
  return svg({
    title: "How long a tiny request takes",
    width: WIDTH,
    height: shown.length * (HEAD + PANEL + FOOT),
    style: {
      light:
        ".grid { stroke: #d0d7de } .curve { fill: none; stroke-width: 1.5 } .ours { stroke: #0969da; stroke-width: 3 }",
      dark: ".grid { stroke: #30363d } .ours { stroke: #4493f8 }",
    },
    body: shown.map((workload, i) => drawPanel(workload, results, i * (HEAD + PANEL + FOOT))),
  });
}

/** A panel, and the scale of its times: from the least to the most, in powers of ten. */
class Panel {
  readonly #top: number;
  readonly #low: number;
  readonly #high: number;

  constructor(top: number, leastMs: number, mostMs: number) {
    this.#top = top + HEAD;
    this.#low = Math.floor(Math.log10(leastMs));
    this.#high = Math.ceil(Math.log10(mostMs));
  }

  /** The powers of ten, in milliseconds. */
  get decades(): number[] {
    return Array.from({ length: this.#high - this.#low + 1 }, (_, i) => 10 ** (this.#low + i));
  }

  x(share: number): number {
    return LEFT + Math.min(-Math.log10(1 - share) / NINES, 1) * (WIDTH - LEFT - RIGHT);
  }

  y(ms: number): number {
    const height = (Math.log10(ms) - this.#low) / (this.#high - this.#low);
    return this.#top + PANEL * (1 - height);
  }

  get bottom(): number {
    return this.#top + PANEL;
  }
}

function drawPanel({ title, id }: Workload, results: Results, top: number): string {
  const curves = Object.entries(results[id]!.peers).flatMap(([name, { latency }]) => {
    return latency === undefined ? [] : [{ name, latency }];
  });
  const extremes = curves.flatMap(({ latency }) =>
    [0.01, 0.999].map((q) => quantileMs(latency, q))
  );
  const panel = new Panel(top, Math.min(...extremes), Math.max(...extremes));
  return [
    `<text class="head" x="${LEFT}" y="${top + 18}">${title.replaceAll("`", "")}</text>`,
    ...panel.decades.map((ms) => drawLevel(panel, ms)),
    ...TICKS.map((share) => drawTick(panel, share)),
    ...curves.map(({ name, latency }) => drawCurve(panel, latency, styleOf(name))),
    ...drawNames(panel, curves),
  ].join("\n");
}

function styleOf(name: string): string {
  return name === OURS ? `class="curve ours"` : `class="curve" stroke="${colourOf(name)}"`;
}

/** The same in every panel. */
function colourOf(name: string): string {
  const place = [...FIELD, ...COMPILED_FIELD].findIndex((peer) => peer.name === name);
  return COLOURS[place % COLOURS.length]!;
}

function drawLevel(panel: Panel, ms: number): string {
  const y = panel.y(ms).toFixed(1);
  return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/>` +
    `<text x="${LEFT - 8}" y="${panel.y(ms) + 4}" text-anchor="end">${time(ms * 1000)}</text>`;
}

function drawTick(panel: Panel, share: number): string {
  const x = panel.x(share).toFixed(1);
  const label = share === 0 ? "quickest" : `${+(share * 100).toFixed(1)} %`;
  return `<text x="${x}" y="${panel.bottom + 18}" text-anchor="middle">${label}</text>`;
}

function drawCurve(panel: Panel, latency: Histogram, style: string): string {
  const points = Array.from({ length: 61 }, (_, i) => {
    const share = 1 - 10 ** (-i / 60 * NINES);
    return `${panel.x(share).toFixed(1)},${panel.y(quantileMs(latency, share)).toFixed(1)}`;
  });
  return `<polyline ${style} points="${points.join(" ")}"/>`;
}

/** The names at the ends of their curves, moved apart where these meet. */
function drawNames(
  panel: Panel,
  curves: readonly { readonly name: string; readonly latency: Histogram }[],
): string[] {
  const ends = curves.map(({ name, latency }) => ({
    name,
    y: panel.y(quantileMs(latency, 0.999)),
  }));
  let last = -Infinity;
  return ends.toSorted((a, b) => a.y - b.y).map(({ name, y }) => {
    last = Math.max(y, last + 14);
    const fill = name === OURS ? `class="head"` : `style="fill: ${colourOf(name)}"`;
    return `<text ${fill} x="${WIDTH - RIGHT + 8}" y="${(last + 4).toFixed(1)}">${name}</text>`;
  });
}
