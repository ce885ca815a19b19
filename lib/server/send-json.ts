import type { ServerResponse } from "node:http";
import { SAFE_HEADERS } from "./refusal.ts";

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, value: object): undefined {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    ...SAFE_HEADERS,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
  return undefined;
}
