import { svg } from "../svg.ts";
import { count, type Measured } from "./tables.ts";

const WIDTH = 760;
const LEFT = 210;
const BAR = 15;
const GAP = 5;
const PANEL_GAP = 46;
const LABEL = 90;

/** Draws jobs a second as bars, a panel for each measurement. It can be read on light and on dark. */
export function drawBars(all: readonly Measured[]): string {
  let y = 20;
  const panels = all.map((measured) => {
    const panel = drawPanel(measured, y);
    y += 24 + measured.rates.size * (BAR + GAP) + PANEL_GAP - 24;
    return panel;
  });
  return svg({
    title: "Jobs a second, beside other worker pools",
    width: WIDTH,
    height: y,
    style: {
      light: ".bar { fill: #9aa4af } .ours { fill: #0969da }",
      dark: ".bar { fill: #57606a } .ours { fill: #4493f8 }",
    },
    body: panels,
  });
}

function drawPanel({ title, depth, rates }: Measured, top: number): string {
  const most = Math.max(...[...rates.values()].map(({ perSecond }) => perSecond));
  const bars = [...rates].map(([name, { perSecond }], i) => {
    const y = top + 12 + i * (BAR + GAP);
    const width = Math.max(1, perSecond / most * (WIDTH - LEFT - LABEL));
    const kind = name.startsWith("switchyard") ? "bar ours" : "bar";
    const baseline = y + BAR - 3;
    return `<text x="${LEFT - 8}" y="${baseline}" text-anchor="end">${name}</text>` +
      `<rect class="${kind}" x="${LEFT}" y="${y}" width="${
        width.toFixed(1)
      }" height="${BAR}" rx="2"/>` +
      `<text x="${(LEFT + width + 6).toFixed(1)}" y="${baseline}">${count(perSecond)}</text>`;
  });
  const head =
    `<text class="head" x="${LEFT}" y="${top}">${title}, ${depth} at a time: jobs a second</text>`;
  return [head, ...bars].join("\n");
}
