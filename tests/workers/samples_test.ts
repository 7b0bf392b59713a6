import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { gunzipSync, gzipSync } from "node:zlib";
import type { JobContext } from "../../src/job/mod.ts";
import { decode, encode } from "../../workers/_codecs.ts";
import { jpegOf, packedZeros, pngOf } from "./hostile_images.ts";
import hash from "../../workers/hash.ts";
import { ask, type JobLaws, tryLaws } from "./real_jobs.ts";

const MIB = 1024 * 1024;

Deno.test("The useful jobs in workers/, in lanes", async (t) => {
  await tryLaws(t, "worker", { ...textLaws(), ...valueLaws() });
});

Deno.test("The useful jobs in workers/, in processes, and watched", async (t) => {
  await tryLaws(t, "process", textLaws(), { watch: true });
});

Deno.test("hash looks whether it shall stop, each MiB", () => {
  let looks = 0;
  const check = () => {
    if (++looks === 3) throw new DOMException("stop", "AbortError");
  };
  const run = () =>
    hash.run({ algorithm: "md5", data: new Uint8Array(8 * MIB) }, { check } as JobContext);
  assertThrows(run, DOMException, "stop");
});

function textLaws(): JobLaws {
  return { ...hashLaws, ...gzipLaws, ...markdownLaws, ...queryLaws, ...thumbnailLaws };
}

function valueLaws(): JobLaws {
  return { ...byteLaws, ...hostileLaws };
}

const hashLaws: JobLaws = {
  "hash gives the known sums": (jobs) =>
    ask(jobs, "hash", [
      ["md5 abc", "900150983cd24fb0d6963f7d28e17f72"],
      ["sha1 abc", "a9993e364706816aba3e25717850c26c9cd0d89d"],
      ["sha256 abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
      ["sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709"],
    ]),
  "hash takes blanks as a part of the text": async (jobs) => {
    assertEquals(
      await jobs.answer("hash", "sha256  a "),
      await jobs.answer("sha256", " a "),
    );
  },
  "hash names the algorithms it knows": async (jobs) => {
    assertMatch(
      String(await jobs.answer("hash", "crc x")),
      /^invalid: algorithm: Expected one of .*md5/,
    );
  },
};

const gzipLaws: JobLaws = {
  "gunzip gives back what gzip made of a text": async (jobs) => {
    for (const text of ["", "hello", "Grüße, 世界 🚂", "\ufeffmarked"]) {
      assertEquals(await jobs.answer("gunzip", String(await jobs.answer("gzip", text))), text);
    }
  },
  "gzip reads a JSON string as what it stands for": async (jobs) => {
    const zipped = await jobs.answer("gzip", String.raw`"a\nb"`);
    assertEquals(gunzipSync(Uint8Array.fromBase64(String(zipped))).toString(), "a\nb");
  },
  "gunzip says what is wrong": (jobs) =>
    ask(jobs, "gunzip", [
      ["hello!", "invalid: Expected base64"],
      [
        "aGVsbG8=",
        "failed: Cannot unzip: it is no gzip, or a part of one (incorrect header check)",
      ],
      [
        gzipSync("hello").subarray(0, 15).toBase64(),
        "failed: Cannot unzip: it is no gzip, or a part of one (unexpected end of file)",
      ],
      [
        gzipSync(Uint8Array.of(0xff)).toBase64(),
        "failed: Cannot show what came out: it is not UTF-8. Submit bytes to get bytes",
      ],
    ]),
  "gunzip ends a bomb at its limit": (jobs) =>
    ask(jobs, "gunzip", [[
      gzipSync(new Uint8Array(33 * MIB)).toBase64(),
      "failed: Cannot unzip: more than 33554432 bytes would come out, which is the limit",
    ]]),
};

const markdownLaws: JobLaws = {
  "markdown writes what CommonMark and GitHub say": (jobs) =>
    ask(jobs, "markdown", [
      ["a *b* `c`", "<p>a <em>b</em> <code>c</code></p>"],
      [String.raw`"# A\n\n~~b~~"`, "<h1>A</h1>\n<p><del>b</del></p>"],
    ]),
  "markdown never lets HTML through, nor a link that runs code": async (jobs) => {
    for (const attack of ATTACKS) {
      const html = String(await jobs.answer("markdown", attack));
      const tags = [...html.matchAll(/<([^>]*)>/g)].map(([, tag]) => tag!);
      for (const tag of tags) {
        assertMatch(tag, /^\/?(p|h1|em|code|pre|a|img|table|t[rdh]|thead|tbody)\b/);
      }
      assert(!/<[^>]*(javascript|vbscript|data):/i.test(html), html);
      assert(!/<[^>]*\son\w+=/i.test(html.replaceAll(/"[^"]*"/g, "")), html);
    }
  },
};

/** What must not come out of Markdown as it went in. */
const ATTACKS = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "a <b onclick=alert(1)>b</b>",
  "[a](javascript:alert(1))",
  "[a](JaVaScRiPt&colon;alert(1))",
  "[a](&#x6A;avascript:alert(1))",
  "![a](data:text/html;base64,PHNjcmlwdD4=)",
  "<javascript:alert(1)>",
  "[a](vbscript:x)",
  '[a](/b "c\\" onmouseover=alert(1)")',
  '![" onerror=alert(1) x="](/b)',
  "`</code><script>alert(1)</script>`",
  String.raw`"[a]: javascript:alert(1)\n\n[a]"`,
  String.raw`"<div>\n<script>alert(1)</script>\n</div>"`,
  String.raw`"| <script> |\n|---|\n| <iframe src=x> |"`,
  String.raw`"~~~\"><script>alert(1)</script>\nx\n~~~"`,
];

const queryLaws: JobLaws = {
  "query finds what JMESPath says": (jobs) =>
    ask(jobs, "query", [
      [`a.b from {"a":{"b":[1,"x"]}}`, `[1,"x"]`],
      ['[?n > `1`].n from [{"n":1},{"n":2}]', "[2]"],
      ["nothing from {}", "null"],
      [
        "@ from 1 from 2",
        "invalid: Expected JSON after from: Unexpected non-whitespace character after JSON at position 2 (line 1 column 3)",
      ],
    ]),
  "query never reaches the language under its data": (jobs) =>
    ask(jobs, "query", [
      ["constructor from {}", "null"],
      ["constructor.constructor from {}", "null"],
      ["__proto__ from {}", "null"],
      ["[constructor, `1`] from {}", "[null,1]"],
    ]),
  "query says what is wrong": async (jobs) => {
    const laws = [
      ["a", /^invalid: Expected an expression, the word from, and JSON/],
      ["a[ from {}", /^failed: Cannot evaluate "a\[": /],
      ["foo(@) from 1", /^failed: Cannot evaluate "foo\(@\)": Unknown function/],
      ["a from {a:1}", /^invalid: Expected JSON after from: /],
      [`${"(".repeat(4_000)}a from {}`, /^failed: Cannot evaluate .{60,80}nested too deep$/],
      [`${"a".repeat(5_000)} from {}`, /^invalid: expression: Expected an expression of at most/],
    ] as const;
    for (const [text, expected] of laws) {
      assertMatch(String(await jobs.answer("query", text)), expected);
    }
  },
  "query bounds a result that doubles at each step": async (jobs) => {
    const text = `@${"|[@,@]".repeat(64)} from 1`;
    assertMatch(String(await jobs.answer("query", text)), /more than 100000 parts/);
  },
  "query takes JSON however deep": (jobs) => {
    const deep = `${"[".repeat(5_000)}1${"]".repeat(5_000)}`;
    return ask(jobs, "query", [[`length(@) from ${deep}`, "1"]]);
  },
};

const thumbnailLaws: JobLaws = {
  "thumbnail keeps the kind and the shape of an image": async (jobs) => {
    for (const kind of ["png", "jpeg"] as const) {
      const original = await encode(kind, plain(64, 16));
      const small = await jobs.answer("thumbnail", `8 ${original.toBase64()}`);
      const { width, height, data } = await decode(kind, Uint8Array.fromBase64(String(small)));
      assertEquals([width, height], [8, 2]);
      for (const [i, value] of [200, 100, 50, 255].entries()) {
        assertLess(Math.abs(data[i]! - value), 6, `${kind}, channel ${i}`);
      }
    }
  },
  "thumbnail never makes an image larger": async (jobs) => {
    const original = await encode("png", plain(3, 2));
    const same = await jobs.answer("thumbnail", `100 ${original.toBase64()}`);
    assertEquals((await decode("png", Uint8Array.fromBase64(String(same)))).width, 3);
  },
  "thumbnail refuses an image of too many pixels before it decodes it": async (jobs) => {
    for (const image of [pngOf(60_000, 60_000, packedZeros(1)), jpegOf(60_000, 60_000)]) {
      assertEquals(
        await jobs.answer("thumbnail", image.toBase64()),
        "failed: Cannot read the image: it has 60000 x 60000 pixels, and the limit is 16000000",
      );
    }
  },
  "thumbnail says what is wrong": async (jobs) => {
    const png = await encode("png", plain(30, 30));
    const jpeg = await encode("jpeg", plain(30, 30));
    const laws: readonly (readonly [string, RegExp])[] = [
      ["", /^invalid: Expected a size, if any, and the image in base64$/],
      ["0 aGVsbG8=", /^invalid: size: Expected a whole number from 1 to 1024$/],
      ["5 hello!", /^invalid: image: Expected base64$/],
      ["aGVsbG8=", /^failed: Cannot read the image: expected the bytes of a PNG or a JPEG$/],
      [png.subarray(0, 40).toBase64(), /^failed: Cannot read the image: the PNG is damaged$/],
      [jpeg.subarray(0, 200).toBase64(), /^failed: Cannot read the image: the JPEG is damaged/],
    ];
    for (const [text, expected] of laws) {
      assertMatch(String(await jobs.answer("thumbnail", text)), expected, text);
    }
  },
};

const byteLaws: JobLaws = {
  "hash, gzip, gunzip and thumbnail take bytes, and give bytes": async (jobs) => {
    const bytes = crypto.getRandomValues(new Uint8Array(50_000));
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-512", bytes)).toHex();
    assertEquals(await jobs.value("hash", { algorithm: "sha512", data: bytes }), sum);
    const zipped = await jobs.value("gzip", bytes);
    assert(zipped instanceof Uint8Array);
    assertEquals(await jobs.value("gunzip", zipped), bytes);
    const image = await encode("png", plain(9, 3));
    assert(await jobs.value("thumbnail", { image, size: 3 }) instanceof Uint8Array);
  },
};

const hostileLaws: JobLaws = {
  "A text that markdown takes for ever on is ended at its deadline, and the lane replaced": async (
    jobs,
  ) => {
    const { stop } = await jobs.late("markdown", ">".repeat(50_000));
    assertEquals([stop.how, stop.verified], ["killed", true]);
    assertStringIncludes(String(await jobs.answer("markdown", "a")), "<p>a</p>");
  },
  "A PNG whose data unpacks to far more than its size says costs nothing": async (jobs) => {
    const bomb = pngOf(4, 4, packedZeros(256 * MIB));
    const before = Deno.memoryUsage().rss;
    assertMatch(String(await jobs.answer("thumbnail", bomb.toBase64())), /^(failed|iVBOR)/);
    assertLess(Deno.memoryUsage().rss - before, 128 * MIB);
  },
};

/** An image of one colour. */
function plain(width: number, height: number) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < data.length; i += 4) data.set([200, 100, 50, 255], i);
  return { data, width, height };
}
