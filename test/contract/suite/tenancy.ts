import { expect, it } from "vitest";
import { DEFAULT_TENANT, type ProjectId } from "../../../lib/domain/ids.ts";
import type { DraftRow } from "../../../lib/storage/contract/writes.ts";
import {
  after,
  changed,
  chunkDraft,
  context,
  eventDraft,
  newProject,
  nextProjectId,
  nextRowId,
  patternDraft,
  planDraft,
  projectDraft,
  sessionDraft,
  write,
} from "../../helpers/store.ts";
import type { Store } from "./describe-storage.ts";
import { tokenDraft } from "./tokens.ts";

export function describeTenancy(store: Store): void {
  it("makes a tenant where there can be several, once under a name", async () => {
    const tenant = { id: nextRowId(), name: "harbour-of-these-tests", createdAt: after(1) };
    const creating = store().tenancy.createTenant(tenant);
    if (!store().capabilities.tenants) {
      await expect(creating).rejects.toMatchObject({ code: "unsupported" });
      return;
    }
    await creating;
    expect(await store().tenancy.tenants(after(2))).toContainEqual({ ...tenant, projects: 0, tokens: 0 });
    const again = store().tenancy.createTenant({ ...tenant, id: nextRowId() });
    await expect(again).rejects.toMatchObject({ code: "conflict", field: "name" });
  });

  it("finds a tenant by just its name", async () => {
    const { findTenant } = store().tenancy;
    expect(await findTenant("default")).toBe(DEFAULT_TENANT);
    for (const name of ["Default", "defaul_", "", "default ", "'"])
      expect(await findTenant(name)).toBeUndefined();
  });

  it("counts a tenant's projects and the tokens that count", async () => {
    const figures = async () =>
      (await store().tenancy.tenants(after(50_000))).find(({ id }) => id === DEFAULT_TENANT);
    const before = await figures();
    await newProject(store());
    await store().tokens.create(tokenDraft());
    await store().tokens.create(tokenDraft({ expiresAt: after(40_000) }));
    const { id } = await store().tokens.create(tokenDraft());
    await store().tokens.revoke(id, after(1));
    expect(await figures()).toMatchObject({
      name: "default",
      projects: (before?.projects ?? 0) + 1,
      tokens: (before?.tokens ?? 0) + 1,
    });
  });

  it("renames a project, and finds it under its new name only", async () => {
    const id = await newProject(store(), { name: "Old name" });
    const renamed = await store().tenancy.renameProject(id, "Straße neu");
    expect(renamed).toMatchObject({ id, name: "Straße neu" });
    expect(await store().projects.find("straße NEU")).toEqual([renamed]);
    expect((await store().projects.find("old name")).map((project) => project.id)).not.toContain(id);
    await expect(store().tenancy.renameProject(nextProjectId(), "x")).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("merges a project into another, all or nothing, and leaves its history and seals as they were", async () => {
    const { projects, tenancy, changes, sources, plans, events, audit } = store();
    const [from, into] = [await newProject(store(), { name: "To go" }), await newProject(store())];
    const moving = planDraft(from, { title: "Mend the pier" });
    const fact = eventDraft(from);
    const chunks = [chunkDraft("wendelstein")];
    const [made] = await store().transaction(context(from), [
      write(moving, { chunks, slugs: ["pier"] }),
      write(fact, { chunks: [chunkDraft("wendelstein fact")] }),
    ]);
    await store().transaction(context(into), [write(planDraft(into), { slugs: ["pier"] })]);
    await changes.seal(from, after(2));
    await changes.seal(into, after(2));
    await sources.recordRun(from, { root: "/r", globs: "{}", at: after(1) });
    await sources.recordFolders(from, "/r", [{ path: "", modifiedMs: 1 }]);
    const seen = { size: 1, modifiedMs: 1, fileHash: "h", redact: true, kind: "plan", path: "a.md" } as const;
    await sources.record(from, [{ ...seen, root: "/r", id: moving.row.id }]);
    const keys = (await projects.findById(from))?.keys ?? [];
    const sealed = await changes.since(from, 0, 9);
    const gone = (draft: typeof moving | typeof fact, expectedRevision = 1) =>
      write(changed<DraftRow>(draft, { deletedAt: after(3) }), { operation: "delete", expectedRevision });
    const arriving = changed(moving, { project: into });
    const merge = {
      from,
      context: { ...context(into), at: after(3), batch: "merge" },
      arrivals: [
        write(arriving, { chunks, slugs: ["pier"], refs: [made?.ref ?? ""] }),
        write(changed(fact, { project: into }), { chunks }),
      ],
      departures: [gone(moving), gone(fact)],
      files: [{ ...seen, root: "/r", id: moving.row.id }],
    };
    const before = [await projects.list(), await changes.since(into, 0, 9)];
    const late = { ...merge, departures: [gone(moving), gone(fact, 2)] };
    await expect(tenancy.mergeProject(late)).rejects.toMatchObject({ code: "conflict" });
    await expect(tenancy.mergeProject({ ...merge, departures: [gone(moving)] })).rejects.toMatchObject({
      ...{ code: "conflict", message: expect.stringContaining("1 rows") },
    });
    expect([await projects.list(), await changes.since(into, 0, 9)]).toEqual(before);
    expect(await sources.files(into)).toEqual([]);

    const [arrived] = await tenancy.mergeProject(merge);
    expect(arrived).toMatchObject({ ref: made?.ref, slug: "pier~2", revision: 1 });
    expect(await plans.find([into], String(made?.ref))).toMatchObject([{ title: "Mend the pier" }]);
    expect(await events.find([into], fact.row.id)).toHaveLength(1);
    expect(await projects.counts(from)).toEqual({ plans: 0, sessions: 0, patterns: 0, events: 0, chunks: 0 });
    expect((await changes.since(from, 0, 9)).slice(0, sealed.length)).toEqual(sealed);
    expect(await projects.findByKeys(keys)).toMatchObject({ id: into });
    expect(await projects.findByKeys([`merged:${from}`])).toMatchObject({ id: into });
    expect(await projects.findById(from)).toMatchObject({ keys: [], roots: [] });
    expect(await sources.files(from)).toEqual([]);
    expect(await sources.files(into)).toMatchObject([{ root: "/r", path: "a.md", id: moving.row.id }]);
    expect((await sources.runs(into)).length + (await sources.folders(into)).length).toBe(2);
    for (const project of [from, into]) {
      const count = (await changes.since(project, 0, 99)).length;
      expect(await changes.seal(project, after(4))).toBeGreaterThan(count);
    }
    expect(
      (await audit.chains()).filter(
        ({ project, log }) => log === "changes" && [from, into].includes(project),
      ),
    ).toHaveLength(2);
    const again = { ...merge, arrivals: [], departures: [] };
    expect(await tenancy.mergeProject(again)).toEqual([]);
    await expect(tenancy.mergeProject({ ...again, from: nextProjectId() })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await store().upkeep.check()).not.toContainEqual(expect.objectContaining({ severity: "error" }));
  });

  it("deletes a project with everything that it holds, and nothing of others", async () => {
    const { projects, tenancy, changes, chunks, search, sources } = store();
    const [gone, kept] = [await newProject(store(), { name: "To go" }), await newProject(store())];
    const space = {
      model: "deleting",
      revision: "1",
      dimensions: 2,
      pooling: "mean",
      normalised: true,
    } as const;
    for (const project of [gone, kept]) {
      const chunksOf = [chunkDraft("crane pier zugspitze")];
      const plan = planDraft(project, { links: [{ rel: "blocks", target: "nothing" }] });
      const drafts = [plan, sessionDraft(project), patternDraft(project), eventDraft(project)];
      const writes = drafts.map((draft) => write(draft, { chunks: chunksOf }));
      await store().transaction(context(project), writes);
      const owed = await chunks.owed([project], space, 100);
      const embedding = Float32Array.of(1, 0);
      await chunks.putVectors(
        space,
        owed.map(({ id, textHash }) => ({ chunk: id, textHash, embedding })),
      );
      await changes.seal(project, after(3));
      await sources.recordRun(project, { root: "/r", globs: "{}", at: after(1) });
      await sources.recordFolders(project, "/r", [{ path: "", modifiedMs: 1 }]);
    }
    const state = async (project: ProjectId) => [
      await projects.findById(project),
      await projects.counts(project),
      await changes.since(project, 0, 9),
      await sources.runs(project),
    ];
    const before = await state(kept);
    await tenancy.deleteProject(gone);
    expect(await projects.findById(gone)).toBeUndefined();
    expect(await projects.findByKeys([`key of ${gone}`])).toBeUndefined();
    expect(await state(kept)).toEqual(before);
    expect((await store().audit.chains()).map(({ project }) => project)).not.toContain(gone);
    const owners = async () => {
      const terms = [{ term: "zugspitze", weight: 1 }];
      const { hits } = await search.byWords({ projects: [gone, kept], terms, filter: {}, limit: 50 });
      return new Set(hits.map(({ project }) => project));
    };
    expect(await owners()).toEqual(new Set([kept]));
    await expect(tenancy.deleteProject(gone)).rejects.toMatchObject({ code: "not_found" });
    expect(await store().upkeep.check()).not.toContainEqual(expect.objectContaining({ severity: "error" }));
    // The same project may come back, empty.
    await projects.register(projectDraft({ id: gone }));
    expect(await projects.counts(gone)).toEqual({ plans: 0, sessions: 0, patterns: 0, events: 0, chunks: 0 });
    await store().transaction(context(gone), [
      write(eventDraft(gone), { chunks: [chunkDraft("zugspitze")] }),
    ]);
    expect(await owners()).toEqual(new Set([gone, kept]));
  });
}
