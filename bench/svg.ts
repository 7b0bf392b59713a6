/** What a picture of a bench is made of. */
export interface Picture {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** CSS for the light, and what of it is different on the dark. */
  readonly style: { readonly light: string; readonly dark: string };
  readonly body: readonly string[];
}

/** A picture that can be read on light and on dark, as a page of the documentation is. */
export function svg({ title, width, height, style, body }: Picture): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
<title>${title}</title>
<style>
text { fill: #24292f } .head { font-weight: 600 } ${style.light}
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } ${style.dark}
}
</style>
${body.join("\n")}
</svg>
`;
}
