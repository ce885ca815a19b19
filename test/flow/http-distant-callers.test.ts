import { describe, expect, it } from "vitest";
import { callersOf, callOver, startService, type TestService, WRITER } from "../helpers/http-service.ts";
import { nextProjectId } from "../helpers/store.ts";

const CALLERS = callersOf({
  w: WRITER,
  r: { ...WRITER, tokenId: "tok_r", scopes: "read" },
  a: { ...WRITER, tokenId: "tok_a", scopes: "admin" },
});
const FOLDER = "/home/ada/secret-customer";

/** A service whose store knows projects of this machine, too. */
async function start(...names: readonly string[]): Promise<TestService> {
  const service = await startService({ authenticator: CALLERS });
  for (const name of names) {
    const keys = [`path:${FOLDER}/${name}`, `git:git.example.com/${name}`];
    const draft = { id: nextProjectId(), name, keys, roots: [`${FOLDER}/${name}`] };
    await service.storage.projects.register({ ...draft, createdAt: "2026-03-02T12:00:00.000Z" as never });
  }
  return service;
}

/** What a tool answers: its text, and as a structure. */
async function asked(service: TestService, token: string, tool: string, args: object = {}) {
  const body = await (await callOver(service, token, tool, args, "full")).text();
  const { result } = JSON.parse(body.startsWith("{") ? body : (/^data: (.*)$/m.exec(body)?.[1] ?? "{}"));
  return { text: JSON.stringify(result), answer: result.structuredContent, isError: result.isError === true };
}

describe("a caller on another machine", () => {
  it.each(["r", "w"])("is told nothing of the whole database with the token %s", async (token) => {
    const { answer } = await asked(await start("harbour"), token, "get_status", { project: "harbour" });
    expect(answer.storage).toMatchObject({ engine: "sqlite", projects: 1, plans: 0 });
    for (const hidden of ["bytes", "location", "engineVersion", "copy", "advice"])
      expect(answer.storage).not.toHaveProperty(hidden);
  });

  it("is told of it with the scope admin", async () => {
    const { answer } = await asked(await start("harbour"), "a", "get_status", { project: "harbour" });
    expect(answer.storage).toMatchObject({
      ...{ bytes: expect.any(Number), location: expect.any(String), engineVersion: expect.any(String) },
    });
  });

  it.each(["get_status", "list_projects", "project_stats", "resume_work", "create_plan", "query_plans"])(
    "is told no folder of the server's by %s",
    async (tool) => {
      const service = await start("harbour", "quarry");
      const title = tool === "create_plan" ? { title: "A plan" } : {};
      for (const args of [
        { project: "harbour", ...title },
        { project: "nowhere", ...title },
      ])
        expect((await asked(service, "a", tool, args)).text).not.toContain("secret-customer");
      expect((await asked(service, "a", "list_projects")).text).toContain("git.example.com/harbour");
    },
  );

  it("is told no folder where a name is two projects'", async () => {
    const { text } = await asked(await start("harbour", "Harbour"), "w", "query_plans", {
      project: "harbour",
    });
    expect(text).toContain("names 2 projects");
    expect(text).not.toContain("secret-customer");
  });

  it("need not name the only project, and is asked which where there are two", async () => {
    const one = await start("harbour");
    const { answer } = await asked(one, "w", "create_plan", { title: "Mend the pier" });
    expect(answer.ref).toMatch(/^pln_/);
    expect((await asked(one, "r", "query_plans")).text).toContain("Mend the pier");
    const { text, isError } = await asked(await start("harbour", "quarry"), "w", "query_plans");
    expect(isError).toBe(true);
    expect(text).toContain("No project is named");
  });

  it("is told to send documents where there is no project yet", async () => {
    const service = await start();
    for (const args of [{}, { project: "harbour" }]) {
      const { text } = await asked(service, "w", "query_plans", args);
      expect(text).toContain("`aiknowsys index --remote` in its folder");
      expect(text).not.toMatch(/`aiknowsys (init|index)`/);
    }
    const { text } = await asked(service, "w", "get_status");
    expect(text).not.toContain("`aiknowsys index`");
  });
});
