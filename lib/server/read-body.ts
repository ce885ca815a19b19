import type { IncomingMessage } from "node:http";
import type { Refusal } from "./refusal.ts";

/** A body that says beforehand that it is too big. */
export function checkLength(request: IncomingMessage, most: number): Refusal | undefined {
  const length = request.headers["content-length"];
  return length !== undefined && Number(length) > most ? tooLarge(most) : undefined;
}

/** The body as text, or why not. @throws the stream's error when the client goes away. */
export async function readBody(
  request: IncomingMessage,
  most: number,
): Promise<{ readonly text: string } | Refusal> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  // The stream is left as it is after a refusal, so that the answer can still be sent.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    // SAFETY: a request without an encoding gives bytes.
    const chunk = part as Uint8Array;
    bytes += chunk.length;
    if (bytes > most) return tooLarge(most);
    parts.push(chunk);
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts)) };
  } catch {
    return {
      status: 400,
      code: "invalid_input",
      message: "The body is not UTF-8.",
      hint: "Send one JSON-RPC message as UTF-8 JSON.",
    };
  }
}

function tooLarge(most: number): Refusal {
  return {
    status: 413,
    code: "invalid_input",
    message: `The body has more than ${most} bytes.`,
    hint: "Send less in one call; a long text can be written in parts with append.",
  };
}
