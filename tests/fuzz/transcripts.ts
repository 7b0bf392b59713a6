/** The protocol's own document, whose transcripts hold every kind of line that there is. */
const DOCUMENT = new URL("../../docs/protocol.md", import.meta.url);

/** What the document does not show, and what parsers fell over elsewhere. */
const MORE = [
  "HELP",
  "HELP fib",
  "JOBS",
  "PING",
  "STATS",
  "STATS fib",
  "QUIT",
  "CANCEL 1",
  "CANCEL 2",
  "echo hello world",
  "echo",
  "0x7fff_ffff_ffff_ffff",
  "-4611686018427387904",
  "4611686018427387904",
  "",
  ".",
  "GET / HTTP/1.1",
  "PRI * HTTP/2.0",
  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  '{"jsonrpc":"2.0","method":"rpc.discover","id":1}',
  '{"jsonrpc":"2.0","method":"echo","params":{"a":1,"_meta":{"progressToken":1,"items":2}},"id":1}',
  '{"jsonrpc":"2.0","method":"echo","params":["x",{"_meta":{"text":true}}],"id":"t"}',
  '{"jsonrpc":"2.0","method":"echo","params":[1,{"_meta":{"priority":"high","deadlineMs":5}}],"id":null}',
  '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":"\\u0000"}}',
  '{"jsonrpc":"2.0","method":"$/taken","params":{"token":1,"items":3}}',
  '{"method":"echo","params":[1],"id":7}',
  '{"method":"echo","params":[1],"id":null}',
  "[]",
  "[1,2,3]",
  '[{"jsonrpc":"2.0","method":"echo","params":["a"]},{"jsonrpc":"2.0","method":"no","id":"1"}]',
];

/** Words that mean something somewhere in the protocol, to be put where they do not belong. */
export const DICTIONARY: readonly string[] = [
  ...'{}[]",:\\.+-_ \t\0\r\n\u00e9\ufffd\ufeff\u{1f600}',
  "\r\n",
  "\n\n",
  "null",
  "true",
  "1e999",
  "-0",
  "0u",
  "12345678901234567890",
  "\\u0000",
  "\\ud800",
  "__proto__",
  "constructor",
  '"jsonrpc":"2.0",',
  '"id":1,',
  '"id":{},',
  '"id":',
  '"method":"echo"',
  '"params":',
  '"_meta":',
  "[".repeat(130),
  '{"a":'.repeat(130),
  "CANCEL ",
  "HELP ",
  "echo ",
  "fib ",
  " HTTP/1.1",
];

/** Lines that clients really send. */
export async function transcripts(): Promise<readonly string[]> {
  const document = await Deno.readTextFile(DOCUMENT);
  return [...document.matchAll(/^> (.*)$/gm)].map(([, line = ""]) => line).concat(MORE);
}
