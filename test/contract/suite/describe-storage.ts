import { afterAll, beforeAll, describe } from "vitest";
import type { StorageAdapter } from "../../../lib/storage/adapter.ts";
import { describeAudit } from "./audit.ts";
import { describeChanges } from "./changes.ts";
import { describeDocuments } from "./documents.ts";
import { describeEvents } from "./events.ts";
import { describePassages } from "./passages.ts";
import { describePatterns } from "./patterns.ts";
import { describePlans } from "./plans.ts";
import { describeProjects } from "./projects.ts";
import { describeSearch } from "./search.ts";
import { describeSessions } from "./sessions.ts";
import { describeSources } from "./sources.ts";
import { describeTenancy } from "./tenancy.ts";
import { describeTokens } from "./tokens.ts";
import { describeTransfer } from "./transfer.ts";
import { describeUpkeep } from "./upkeep.ts";
import { describeWrites } from "./writes.ts";

/** An engine to be tested: an empty store, and how to let go of it. */
export interface OpenStore {
  readonly storage: StorageAdapter;
  readonly close: () => Promise<void>;
}

/** Hands the one open store to the tests of a facet; every test makes its own projects in it. */
export type Store = () => StorageAdapter;

/** Everything that the storage contract promises, on one engine. */
export function describeStorage(name: string, open: () => Promise<OpenStore>): void {
  describe(`the storage contract on ${name}`, () => {
    let opened: OpenStore | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());
    const store: Store = () => {
      if (opened === undefined) throw new Error("The store did not open.");
      return opened.storage;
    };
    describe("projects", () => describeProjects(store));
    describe("sources", () => describeSources(store));
    describe("writes", () => describeWrites(store));
    describe("documents", () => describeDocuments(store));
    describe("plans", () => describePlans(store));
    describe("sessions", () => describeSessions(store));
    describe("patterns", () => describePatterns(store));
    describe("events", () => describeEvents(store));
    describe("passages", () => describePassages(store));
    describe("search", () => describeSearch(store));
    describe("changes", () => describeChanges(store));
    describe("tokens", () => describeTokens(store));
    describe("tenancy", () => describeTenancy(store));
    describe("audit", () => describeAudit(store));
    describe("upkeep", () => describeUpkeep(store));
    describe("transfer", () => describeTransfer(store));
  });
}
