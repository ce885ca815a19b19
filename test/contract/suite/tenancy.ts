import { expect, it } from "vitest";
import { DEFAULT_TENANT } from "../../../lib/domain/ids.ts";
import { after, newProject, nextProjectId, nextRowId } from "../../helpers/store.ts";
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
}
