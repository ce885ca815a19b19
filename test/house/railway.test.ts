import { describe, expect, it } from "vitest";
import { ENVIRONMENT_VARIABLES } from "../../lib/config.ts";
import { railwayProject } from "../helpers/railway-program.ts";
import { repositoryFiles, textOf } from "./tree.ts";

const project = await railwayProject();
const [database, server] = ["database", "server"].map((name) =>
  project.resources.find((resource) => resource.name === name),
);
if (server?.kind !== "service") throw new Error("There is no server.");

describe(".railway/railway.ts", () => {
  it("makes a PostgreSQL database and the server, from our Dockerfile", () => {
    expect(project.name).toBe("aiknowsys");
    expect(project.resources).toHaveLength(2);
    expect(database).toMatchObject({ kind: "postgres" });
    expect(server.build.builder).toBe("DOCKERFILE");
    expect(repositoryFiles()).toContain(server.build.dockerfilePath);
  });

  it("starts the program as the image does", () => {
    const [, entry = "[]"] = /^ENTRYPOINT (.+)$/m.exec(textOf("Dockerfile")) ?? [];
    const program: readonly string[] = JSON.parse(entry);
    expect(program.length).toBeGreaterThan(1);
    expect(server.start).toBe([...program, "serve"].join(" "));
    expect(server.preDeploy).toBe([...program, "migrate", "--no-backup"].join(" "));
  });

  it("sets no variable that the program does not read, and none that the image or Railway sets", () => {
    const names = Object.keys(server.env);
    expect(names.filter((name) => !Object.keys(ENVIRONMENT_VARIABLES).includes(name))).toEqual([]);
    expect(names).not.toContain("PORT");
    expect(names).not.toContain("HOST");
    expect(textOf("Dockerfile")).toMatch(/^ENV .*HOST=0\.0\.0\.0/m);
  });

  it("holds no secret: the database's address, with its password, is Railway's to fill in", () => {
    expect(server.env.POSTGRES_URL).toEqual({ of: database?.name, output: "DATABASE_URL" });
    for (const [name, value] of Object.entries(server.env))
      if (/URL|TOKEN|SECRET|PASSWORD|KEY/.test(name)) expect(value, name).not.toBeTypeOf("string");
  });

  it("gives calls under way the time that the server gives them, as the compose file does", () => {
    const [, grace = ""] = /^const GRACE_MS = ([\d_]+);$/m.exec(textOf("mcp-server/serve.ts")) ?? [];
    const graceSeconds = Number(grace.replaceAll("_", "")) / 1_000;
    expect(graceSeconds).toBeGreaterThan(0);
    const [, composed] =
      /stop_grace_period: (\d+)s/.exec(textOf("docker-compose.yml").split("  server:")[1] ?? "") ?? [];
    for (const seconds of [Number(server.deploy.drainingSeconds), Number(composed)])
      expect(seconds).toBeGreaterThan(graceSeconds + 2);
  });
});
