import { describe, expect, it } from "vitest";
import { callersOf, httpText, rawRequest, startService, WRITER } from "../helpers/http-service.ts";

const APP = "https://app.example.com";
const LIST = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });

function start() {
  return startService({
    authenticator: callersOf({ w: WRITER }),
    settings: { allowedOrigins: [APP, "pages.example.com"], rateLimit: 60 },
  });
}

function preflight(headers: Readonly<Record<string, string>>): string {
  return httpText("OPTIONS /mcp", { Host: "localhost", ...headers });
}

function call(origin: string, token: string): string {
  const head = {
    ...{ Host: "localhost", Origin: origin, Authorization: `Bearer ${token}` },
    ...{ "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
  };
  return httpText("POST /mcp", { ...head, "Content-Length": String(Buffer.byteLength(LIST)) }, LIST);
}

const ASKED = {
  "Access-Control-Request-Method": "POST",
  "Access-Control-Request-Headers": "authorization,content-type,mcp-protocol-version",
};

describe("a page of a listed origin", () => {
  it.each([APP, "http://pages.example.com:8080"])(
    "is told what it may send, with just these headers: %s",
    async (origin) => {
      const { port } = await start();
      const { status, headers, body } = await rawRequest(port, preflight({ Origin: origin, ...ASKED }));
      expect({ status, body }).toEqual({ status: 204, body: "" });
      const told = [...headers].filter(([name]) => !["date", "connection", "keep-alive"].includes(name));
      expect(Object.fromEntries(told)).toEqual({
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "POST",
        "access-control-allow-headers":
          "accept, authorization, content-type, idempotency-key, last-event-id, mcp-method, mcp-name, mcp-protocol-version, x-mcp-toolset",
        "access-control-expose-headers": "retry-after, www-authenticate",
        "access-control-max-age": "600",
        vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      });
    },
  );

  it("may read answers and refusals of its calls", async () => {
    const { port } = await start();
    for (const [token, status] of [
      ["w", 200],
      ["nobodys", 401],
    ] as const) {
      const answer = await rawRequest(port, call(APP, token));
      expect(answer.status).toBe(status);
      expect(answer.headers.get("access-control-allow-origin")).toBe(APP);
      expect(answer.headers.get("vary")).toBe("Origin");
      expect(answer.headers.has("access-control-allow-credentials")).toBe(false);
    }
  });

  it("may call nothing but the protocol", async () => {
    const { port } = await start();
    const asked = httpText("GET /metrics", { Host: "localhost", Origin: APP });
    expect((await rawRequest(port, asked)).headers.has("access-control-allow-origin")).toBe(false);
  });
});

describe("a page of any other origin", () => {
  it.each(["https://evil.example", "http://app.example.com", `${APP}:444`, `${APP}.evil.example`, "null"])(
    "is told nothing: %s",
    async (origin) => {
      const { port } = await start();
      for (const request of [preflight({ Origin: origin, ...ASKED }), call(origin, "w")]) {
        const { status, headers } = await rawRequest(port, request);
        expect(status).toBe(403);
        expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
      }
    },
  );
});
