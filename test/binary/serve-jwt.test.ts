import { expect, it, onTestFinished } from "vitest";
import { httpClient } from "../helpers/http-service.ts";
import { describeWithServer, newDatabase } from "../helpers/postgres.ts";
import { makePlace } from "./cli-program.ts";
import { serveAt } from "./serve-program.ts";

const SECRET = "a secret of this test, long enough for HS256";

describeWithServer("aiknowsys token jwt", () => {
  it("signs tokens that a server takes, for the tenant, the projects and the scope that they name", async () => {
    const { url, drop } = await newDatabase();
    onTestFinished(drop);
    const place = makePlace();
    const env = { STORAGE_TYPE: "postgres", POSTGRES_URL: url, AIKNOWSYS_JWT_SECRET: SECRET };
    const json = (...args: readonly string[]) => place.json(args, { env }).body;
    json("migrate");
    json("tenant", "create", "harbour");
    json("create-plan", "--title", "In the harbour", "--tenant", "harbour");
    json("create-plan", "--title", "In the default");
    const [project] = json("project", "list", "--tenant", "harbour").projects;
    const served = await serveAt(place, { ...env, AIKNOWSYS_AUTH: "jwt" });
    const signed = (...more: readonly string[]) =>
      json("token", "jwt", "--name", "ci", "--tenant", "harbour", ...more);
    const connect = (token: string) => httpClient(served.url, "2025", { authorization: `Bearer ${token}` });

    const { token, ...told } = signed("--scope", "write", "--projects", project.ref, "--minutes", "5");
    expect(told).toMatchObject({ name: "ci", tenant: "harbour", scope: "write", projects: [project.id] });
    const writer = await connect(token);
    const answer = await writer.callTool({ name: "query_plans", arguments: {} });
    expect(answer.structuredContent).toMatchObject({ plans: [{ title: "In the harbour" }] });
    await writer.callTool({ name: "create_plan", arguments: { title: "Signed for" } });

    const reader = await connect(signed().token);
    const names = (await reader.listTools()).tools.map(({ name }) => name);
    expect(names).toContain("query_plans");
    expect(names).not.toContain("create_plan");
    const other = { ...env, AIKNOWSYS_JWT_SECRET: `${SECRET}, but another one` };
    const forged = place.json(["token", "jwt", "--name", "ci"], { env: other }).body.token;
    await expect(connect(forged)).rejects.toThrow();
    expect(place.json(["token", "jwt", "--name", "ci", "--tenant", "nobodys"], { env }).status).toBe(3);
  }, 90_000);
});
