/**
 * The data of each event of a stream of server-sent events, as it comes (HTML Living Standard, 9.2.6). Comments,
 * which keep connections open, and fields other than `data` are passed over.
 */
export async function* eventData(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const part of stream) {
    rest += decoder.decode(part, { stream: true });
    const events = rest.split(/\r\n\r\n|\n\n|\r\r/);
    rest = events.pop() ?? "";
    yield* events.flatMap(dataOf);
  }
  yield* dataOf(rest);
}

function dataOf(event: string): readonly string[] {
  const lines = event.split(/\r\n|\n|\r/).filter((line) => line.startsWith("data:"));
  return lines.length === 0
    ? []
    : [lines.map((line) => line.slice("data:".length).replace(/^ /, "")).join("\n")];
}
