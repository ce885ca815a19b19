import { once } from "node:events";
import { request } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { describeWithServer, newDatabase } from "../helpers/postgres.ts";
import { railwayProject } from "../helpers/railway-program.ts";
import { makePlace } from "./cli-program.ts";
import { serveAt } from "./serve-program.ts";

/** What Railway fills in, where a domain has been made. */
const PUBLIC = "knowledge.up.railway.example";
const PRIVATE = "server.railway.internal";

/** The answer's status, asked for under this name. */
async function statusOf({ port }: URL, path: string, host: string, method = "GET") {
  const asked = request({ host: "127.0.0.1", port, path, method, headers: { host } }).end();
  const [answer] = await once(asked, "response");
  answer.resume();
  return answer.statusCode;
}

describeWithServer("what .railway/railway.ts says", () => {
  it.each([PUBLIC, ""])(
    "serves, migrated before, under the public name '%s'",
    async (publicName) => {
      const { resources } = await railwayProject();
      const said = resources.find(({ name }) => name === "server");
      if (said?.kind !== "service") throw new Error("There is no server.");
      const { url: database, drop } = await newDatabase();
      onTestFinished(drop);
      const known = new Map([
        ["RAILWAY_PUBLIC_DOMAIN", publicName],
        ["RAILWAY_PRIVATE_DOMAIN", PRIVATE],
      ]);
      const filled = (text: string) => text.replace(/\$\{\{(\w+)\}\}/g, (_, name) => known.get(name) ?? "?");
      const settings = Object.entries(said.env).map(([name, value]) => [
        name,
        typeof value === "string" ? filled(value) : database,
      ]);
      // The image's own HOST and a port that is chosen from outside.
      const env = { ...Object.fromEntries(settings), HOST: "0.0.0.0" };
      const place = makePlace();
      const [, , ...migrate] = said.preDeploy.split(" ");
      expect(place.run(migrate, { env })).toMatchObject({ status: 0 });
      const { url, child, ended } = await serveAt(place, env);
      expect(await statusOf(url, said.healthcheck, "healthcheck.railway.app")).toBe(200);
      expect(await statusOf(url, "/mcp", PRIVATE, "POST")).toBe(415);
      expect(await statusOf(url, "/mcp", PUBLIC, "POST")).toBe(publicName === "" ? 403 : 415);
      expect(await statusOf(url, "/mcp", "elsewhere.example", "POST")).toBe(403);
      child.kill("SIGTERM");
      expect(await ended).toBe(0);
    },
    90_000,
  );
});
