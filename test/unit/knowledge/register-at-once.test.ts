import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { registerFolder } from "../../../lib/knowledge/project.ts";
import { openWorkbench } from "../../helpers/knowledge.ts";
import { tempFolder } from "../../helpers/store.ts";

it("gives one project to all whose first writes into a new folder come at the same moment", async () => {
  const { deps } = await openWorkbench();
  const folder = tempFolder();
  const projects = await Promise.all(
    Array.from({ length: 6 }, () => registerFolder(deps, folder, "/nowhere")),
  );
  expect(new Set(projects.map(({ id }) => id)).size).toBe(1);
  expect(await deps.storage.projects.list()).toHaveLength(2);
});

it("still refuses a folder whose keys belong to two projects", async () => {
  const { deps, project, root } = await openWorkbench();
  const folder = tempFolder();
  const other = await registerFolder(deps, folder, "/nowhere");
  mkdirSync(join(root, ".aiknowsys"), { recursive: true });
  writeFileSync(join(root, ".aiknowsys", "config.json"), JSON.stringify({ projectId: other.id }));
  await deps.storage.projects.register({ ...other, keys: [`id:${other.id}`] });
  await expect(registerFolder(deps, root, "/nowhere")).rejects.toMatchObject({ code: "conflict" });
  expect(project.id).not.toBe(other.id);
});
