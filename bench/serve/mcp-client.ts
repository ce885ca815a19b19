import { Agent, request } from "node:http";
import * as z from "zod";
import type { ToolCall } from "./traffic.ts";

/** How one call went. */
export interface CallOutcome {
  /** Why it counts as an error. */
  readonly error?: string;
  /** Of a search: what its answer says is missing. */
  readonly degraded?: string;
}

/** One client of the server: a token, and a connection that is kept. */
export interface McpClient {
  call(call: ToolCall): Promise<CallOutcome>;
  /** Opens the connection. */
  connect(): Promise<void>;
  close(): void;
}

const MODERN = "2026-07-28";
const META = {
  "io.modelcontextprotocol/protocolVersion": MODERN,
  "io.modelcontextprotocol/clientInfo": { name: "bench", version: "0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};
const answerSchema = z.object({
  error: z.object({ message: z.string() }).optional(),
  result: z
    .object({
      isError: z.boolean().optional(),
      content: z.array(z.object({ text: z.string() })),
      structuredContent: z.object({ mode: z.string().optional(), degraded: z.string().nullish() }).optional(),
    })
    .optional(),
});

/** @param era revision of the protocol: the stateless one, or the one before with its answers as event streams */
export function openMcpClient(url: URL, token: string, era: "2025" | "2026"): McpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const send = (method: string, path: string, headers: Record<string, string>, body: string) =>
    new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
      const sent = request(new URL(path, url), { method, agent, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }),
        );
      });
      sent.on("error", reject);
      sent.end(body);
    });
  return {
    call: async (call) => {
      const { headers, body } = messageOf(call, era);
      try {
        const { status, text } = await send(
          "POST",
          "/mcp",
          { ...headers, authorization: `Bearer ${token}`, "content-length": String(Buffer.byteLength(body)) },
          body,
        );
        return status === 200 ? judged(call, text) : { error: `status ${status}` };
      } catch (error) {
        return { error: error instanceof Error ? error.message : String(error) };
      }
    },
    connect: async () => void (await send("GET", "/healthz", {}, "")),
    close: () => agent.destroy(),
  };
}

function messageOf(call: ToolCall, era: "2025" | "2026") {
  const isModern = era === "2026";
  const params = isModern ? { ...call, _meta: META } : call;
  return {
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(isModern
        ? { "mcp-protocol-version": MODERN, "mcp-method": "tools/call", "mcp-name": call.name }
        : { "mcp-protocol-version": "2025-11-25" }),
    },
  };
}

function judged({ name }: ToolCall, text: string): CallOutcome {
  const json = text.startsWith("{") ? text : text.slice(text.lastIndexOf("data: {") + "data: ".length);
  const answer = answerSchema.safeParse(JSON.parse(json));
  if (!answer.success) return { error: "no answer of a tool" };
  const { error, result } = answer.data;
  if (result === undefined) return { error: error?.message ?? "no result" };
  if (result.isError === true) return { error: result.content[0]?.text.slice(0, 120) ?? "an error" };
  if (name === "record_event") return {};
  const { mode, degraded } = result.structuredContent ?? {};
  if (typeof degraded === "string") return { degraded };
  return mode === "hybrid" ? {} : { error: `searched in mode ${mode}` };
}
