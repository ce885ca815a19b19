import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Seen {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly input: readonly string[]; readonly model: string; readonly dimensions?: number };
}

/** How one request is answered; gets what was asked and how many requests came before. */
export type Reply = (response: ServerResponse, seen: Seen, before: number) => void;

export interface EmbeddingServer {
  readonly url: string;
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

/** A service on loopback that speaks as much of OpenAI's protocol as `reply` makes it. */
export async function startEmbeddingServer(reply: Reply): Promise<EmbeddingServer> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body: Seen["body"] = JSON.parse(Buffer.concat(parts).toString());
      const entry = { path: request.url ?? "", headers: request.headers, body };
      seen.push(entry);
      reply(response, entry, seen.length - 1);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  // SAFETY: a server that listens on a port has an address with one.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers each text with [its length, 1], in reverse order, as the protocol allows. */
export const lengths: Reply = (response, { body }) => {
  const data = body.input.map((text, index) => ({ index, embedding: [text.length, 1] }));
  sendJson(response, 200, { data: data.toReversed() });
};

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
