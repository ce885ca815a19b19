import { describe, expect, it } from "vitest";
import { callersOf, rawRequest, startService, type TestService, WRITER } from "../helpers/http-service.ts";
import { ACCEPTED, TOKENS } from "./http-refusal-requests.ts";
import { REFUSED } from "./http-refusal-table.ts";

const CALLERS = callersOf({
  [TOKENS.writer]: WRITER,
  [TOKENS.reader]: { ...WRITER, name: "reader", tokenId: "tok_reader", scopes: "read" },
  [TOKENS.admin]: { ...WRITER, name: "admin", tokenId: "tok_admin", scopes: "admin" },
});

function start(): Promise<TestService> {
  return startService({ authenticator: CALLERS });
}

describe("a request over a real socket", () => {
  it("is served when nothing is wrong with it", async () => {
    const { port } = await start();
    const { status, body } = await rawRequest(port, ACCEPTED);
    expect(status).toBe(200);
    expect(body).toContain("create_plan");
  });

  it.each(REFUSED.map((row) => [row.why, row.status, row] as const))(
    "is refused for %s: %i",
    async (_why, status, { request, header, says }) => {
      const { port, logged } = await start();
      const answer = await rawRequest(port, request);
      expect(answer.status, answer.body).toBe(status);
      if (header !== undefined) expect(answer.headers.get(header[0])).toMatch(header[1]);
      if (says !== undefined) expect(answer.body).toMatch(says);
      expect(answer.body).not.toContain("evil.example");
      const words = logged.join("");
      for (const token of Object.values(TOKENS)) expect(words).not.toContain(token);
      // It goes on serving.
      expect((await rawRequest(port, ACCEPTED)).status).toBe(200);
    },
  );
});
