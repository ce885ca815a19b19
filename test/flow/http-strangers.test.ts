import { describe, expect, it, vi } from "vitest";
import { KnowledgeError } from "../../lib/domain/error.ts";
import type { Authenticator } from "../../lib/server/caller.ts";
import { callersOf, type RawAnswer, rawRequest, startService, WRITER } from "../helpers/http-service.ts";
import { ACCEPTED, get, post, TOKENS } from "./http-refusal-requests.ts";

/** Failures that one address may have at once. */
const MOST = 100;

/** A service at whose callers somebody counts how often they are looked up. */
async function start(authenticate?: Authenticator["authenticate"]) {
  const callers = callersOf({
    [TOKENS.writer]: WRITER,
    [TOKENS.reader]: { ...WRITER, name: "reader", tokenId: "tok_reader", scopes: "read" },
  });
  const asked: (string | undefined)[] = [];
  const authenticator: Authenticator = {
    ...callers,
    authenticate: (authorization) => {
      asked.push(authorization);
      return (authenticate ?? callers.authenticate)(authorization);
    },
  };
  // Time stands still: else the limit would let some more through while it is being used up.
  const now = Date.now();
  return { ...(await startService({ authenticator, clock: () => now })), asked };
}

const as = (token: string, from?: string): string =>
  post({
    headers: { Authorization: `Bearer ${token}`, ...(from !== undefined && { "X-Forwarded-For": from }) },
  });

/** As many tokens that do not count as one address may send. */
async function useUp(port: number, from?: string): Promise<readonly RawAnswer[]> {
  const answers: RawAnswer[] = [];
  for (let n = 0; n < MOST; n++) answers.push(await rawRequest(port, as(`guess-${n}`, from)));
  return answers;
}

describe("tokens that do not count, from one address", () => {
  it("are refused unread with 429 when there were a hundred of them", async () => {
    const { port, asked, logged } = await start();
    expect(new Set((await useUp(port)).map(({ status }) => status))).toEqual(new Set([401]));
    asked.splice(0);
    const { status, headers, body } = await rawRequest(port, as("one-more"));
    expect([status, headers.get("retry-after")]).toEqual([429, "1"]);
    expect(body).toMatch(/Too many tokens that do not count/);
    expect(asked).toEqual([]);
    expect(logged.join("")).not.toContain("guess-");
  });

  it("keep out no token that counted before, nor one from elsewhere, nor who asks without any", async () => {
    const { port } = await start();
    await rawRequest(port, ACCEPTED);
    await useUp(port);
    expect((await rawRequest(port, as("one-more"))).status).toBe(429);
    expect((await rawRequest(port, ACCEPTED)).status).toBe(200);
    expect((await rawRequest(port, as("one-more", "203.0.113.9"))).status).toBe(401);
    expect((await rawRequest(port, as(TOKENS.reader, "203.0.113.9"))).status).toBe(200);
    expect((await rawRequest(port, post({ headers: { Authorization: undefined } }))).status).toBe(401);
  });

  it("are counted for the client that the proxy names, whatever the client names before", async () => {
    const { port } = await start();
    await useUp(port, "198.51.100.1");
    for (const tale of ["203.0.113.1", "203.0.113.2"])
      expect((await rawRequest(port, as("one-more", `${tale}, 198.51.100.1`))).status).toBe(429);
  });

  it("are counted at the addresses for probes, too", async () => {
    const { port } = await start();
    await useUp(port);
    const guess = { Authorization: "Bearer guess", "X-Real-IP": "203.0.113.9" };
    expect((await rawRequest(port, get("/metrics", guess))).status).toBe(429);
    expect((await rawRequest(port, get("/readyz", guess))).body).toBe('{"ready":true}');
  });

  it("are what is counted: tokens that count, or cannot be checked, are not", async () => {
    const { port } = await start();
    for (let n = 0; n <= MOST; n++) expect((await rawRequest(port, ACCEPTED)).status).toBe(200);
    const away = await start(async () => {
      throw new KnowledgeError("unavailable", "The store is away.");
    });
    for (let n = 0; n <= MOST; n++) expect((await rawRequest(away.port, as(`${n}`))).status).toBe(503);
  });

  it("take no places from the others while they wait to be checked", async () => {
    let waiting = 0;
    let give: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      give = resolve;
    });
    const { port } = await start(async (authorization) => {
      if (authorization === `Bearer ${TOKENS.writer}`) return WRITER;
      waiting += 1;
      await held;
      throw new KnowledgeError("unavailable", "The provider is away.");
    });
    const statuses: number[] = [];
    const flood = Array.from({ length: 300 }, async () => {
      statuses.push((await rawRequest(port, as("forged", "203.0.113.9"))).status);
    });
    await vi.waitFor(() => expect([waiting, statuses.length]).toEqual([MOST, 300 - MOST]), 4_000);
    expect((await rawRequest(port, ACCEPTED)).status).toBe(200);
    give();
    await Promise.all(flood);
    expect(statuses.toSorted()).toEqual([...Array(300 - MOST).fill(429), ...Array(MOST).fill(503)]);
  });

  it("are counted again for a token that counted and was taken back", async () => {
    let counts = true;
    const { port, asked } = await start(async (authorization) =>
      counts ? WRITER : callersOf({ none: WRITER }).authenticate(authorization),
    );
    expect((await rawRequest(port, as("old"))).status).toBe(200);
    counts = false;
    await useUp(port);
    expect((await rawRequest(port, as("old"))).status).toBe(401);
    asked.splice(0);
    expect((await rawRequest(port, as("old"))).status).toBe(429);
    expect(asked).toEqual([]);
  });
});
