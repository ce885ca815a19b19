import { expect, it } from "vitest";
import { DEFAULT_TENANT } from "../../../lib/domain/ids.ts";
import { hashOfToken, refOfToken, renderToken } from "../../../lib/domain/token.ts";
import type { TokenDraft } from "../../../lib/storage/contract/tokens.ts";
import { after, nextProjectId, nextRowId } from "../../helpers/store.ts";
import type { Store } from "./describe-storage.ts";

let made = 0;

/** A new token of the tests and its hash. */
export function tokenDraft(over: Partial<TokenDraft> = {}): TokenDraft {
  made += 1;
  const id = nextRowId();
  const hash = hashOfToken(renderToken(id, new Uint8Array(32).fill(made)));
  return {
    id,
    hash,
    name: `robot ${made}`,
    scope: "write",
    projects: "all",
    createdAt: after(made),
    ...over,
  };
}

export function describeTokens(store: Store): void {
  it("keeps a token without its text and finds it by the hash, whoever's it is", async () => {
    const { hash, ...draft } = tokenDraft({ name: "Grüße ⚓", expiresAt: after(90_000) });
    const token = await store().tokens.create({ hash, ...draft });
    expect(token).toEqual({ ...draft, ref: refOfToken(draft.id) });
    expect(await store().tokens.authenticate(hash)).toEqual({ ...token, tenant: DEFAULT_TENANT });
    expect(await store().tokens.list()).toContainEqual(token);
  });

  it.each(["0".repeat(64), "", "x' OR 'x' = 'x", `${"0".repeat(64)}'`])(
    "knows no token under a hash that is nobody's: %j",
    async (hash) => {
      await store().tokens.create(tokenDraft());
      expect(await store().tokens.authenticate(hash)).toBeUndefined();
    },
  );

  it("lists the newest first", async () => {
    const drafts = [tokenDraft(), tokenDraft(), tokenDraft()];
    for (const draft of drafts) await store().tokens.create(draft);
    const ids = drafts.map(({ id }) => id);
    const listed = (await store().tokens.list()).map(({ id }) => id).filter((id) => ids.includes(id));
    expect(listed).toEqual(ids.reverse());
  });

  it("notes a use, and the next one only a minute later", async () => {
    const draft = tokenDraft();
    await store().tokens.create(draft);
    const used = { id: draft.id, tenant: DEFAULT_TENANT };
    const lastUse = async () => (await store().tokens.authenticate(draft.hash))?.lastUsedAt;
    expect(await lastUse()).toBeUndefined();
    for (const [seconds, noted] of [
      [100, 100],
      [159, 100],
      [160, 160],
      [150, 160],
    ] as const) {
      await store().tokens.noteUse(used, after(seconds));
      expect(await lastUse()).toBe(after(noted));
    }
  });

  it("revokes a token for good, and keeps the first time", async () => {
    const draft = tokenDraft();
    const token = await store().tokens.create(draft);
    const revoked = { ...token, revokedAt: after(7) };
    expect(await store().tokens.revoke(draft.id, after(7))).toEqual(revoked);
    expect(await store().tokens.revoke(draft.id, after(9))).toEqual(revoked);
    expect(await store().tokens.authenticate(draft.hash)).toMatchObject({ revokedAt: after(7) });
  });

  it("rotates a token: the new one has its name and rights, the old one counts a while longer", async () => {
    const draft = tokenDraft({ scope: "read", expiresAt: after(1_000) });
    await store().tokens.create(draft);
    const { name: _, scope: __, projects: ___, ...successor } = tokenDraft({ expiresAt: after(9_000) });
    const rotated = await store().tokens.rotate(draft.id, successor, after(500));
    expect(rotated).toMatchObject({
      id: successor.id,
      name: draft.name,
      scope: "read",
      expiresAt: after(9_000),
    });
    expect(await store().tokens.authenticate(draft.hash)).toMatchObject({ expiresAt: after(500) });
    expect(await store().tokens.authenticate(successor.hash)).toEqual({ ...rotated, tenant: DEFAULT_TENANT });
  });

  it("does not make a token count longer by rotating it", async () => {
    const draft = tokenDraft({ expiresAt: after(300) });
    await store().tokens.create(draft);
    const { id, hash, createdAt } = tokenDraft();
    await store().tokens.rotate(draft.id, { id, hash, createdAt }, after(500));
    expect(await store().tokens.authenticate(draft.hash)).toMatchObject({ expiresAt: after(300) });
  });

  it("refuses to rotate what is revoked, and to touch what is not there", async () => {
    const draft = tokenDraft();
    await store().tokens.create(draft);
    await store().tokens.revoke(draft.id, after(1));
    const next = tokenDraft();
    const count = (await store().tokens.list()).length;
    await expect(store().tokens.rotate(draft.id, next, after(2))).rejects.toMatchObject({ code: "conflict" });
    await expect(store().tokens.rotate(nextRowId(), next, after(2))).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(store().tokens.revoke(nextRowId(), after(2))).rejects.toMatchObject({ code: "not_found" });
    expect(await store().tokens.list()).toHaveLength(count);
  });

  it("limits a token to projects where the store can keep callers apart, and refuses to elsewhere", async () => {
    const draft = tokenDraft({ projects: [nextProjectId(), nextProjectId()] });
    const created = store().tokens.create(draft);
    if (store().capabilities.tenants) expect((await created).projects).toEqual(draft.projects);
    else await expect(created).rejects.toMatchObject({ code: "unsupported", field: "projects" });
  });
}
