/** JSON-RPC: what arrived is not JSON. There is no request to name, so its id is null. */
export const PARSE_ERROR = `${JSON.stringify({
  jsonrpc: "2.0",
  id: null,
  error: { code: -32_700, message: "Parse error: the line is not JSON. Send one JSON-RPC message a line." },
})}\n`;

/**
 * A listener for a stream of messages, one a line, that answers each line that is not JSON; the SDK passes such
 * lines over in silence. Empty lines are nothing. A line of more than `mostBytes` is left to the SDK, which ends the connection.
 */
export function answerWhatIsNoJson(
  answer: (text: string) => void,
  mostBytes: number,
): (chunk: Uint8Array) => void {
  let line: Uint8Array[] = [];
  let size = 0;
  const take = (part: Uint8Array): void => {
    size += part.length;
    if (size <= mostBytes) line.push(part);
    else line = [];
  };
  return (chunk) => {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, from)) {
      take(chunk.subarray(from, end));
      if (isNoJson(Buffer.concat(line).toString("utf8"))) answer(PARSE_ERROR);
      line = [];
      size = 0;
      from = end + 1;
    }
    if (from < chunk.length) take(chunk.subarray(from));
  };
}

function isNoJson(line: string): boolean {
  if (line.trim() === "") return false;
  try {
    JSON.parse(line);
    return false;
  } catch {
    return true;
  }
}
