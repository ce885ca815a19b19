import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asKnowledgeError, errorReport } from "../../lib/domain/error.ts";
import type { Grant } from "../../lib/storage/adapter.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { describeWithServer, newDatabase, type TestDatabase } from "../helpers/postgres.ts";
import {
  type Owner,
  ownerOf,
  type Planted,
  plantedDatabase,
  rowsOfProject,
  TENANTS,
} from "../helpers/postgres-tenants.ts";
import { ATTEMPTS, type Attempt, type FacetName } from "./postgres-isolation-attempts.ts";
import { WRITES } from "./postgres-isolation-writes.ts";

/**
 * Everything that a caller can ask is asked twice: of a database that holds the caller's rows only, and of one that holds
 * other owners' beside them. Equal answers, errors, counts and scores mean that nothing of the others shows.
 */

// The caller has passages without a vector whose text the others have a vector of.
const PIER = ownerOf("harbour", "pierrot", 4);
const QUAY = ownerOf("harbour", "quaymaster");
const STONE = ownerOf("quarry", "stonecutter");
const MILL = ownerOf("default", "millwright");

interface Relation {
  readonly what: string;
  readonly grant: Grant;
  /** Who stands in the database without the others. */
  readonly alone: readonly Owner[];
  /** Whose names are tried. */
  readonly theirs: Owner;
}

const { harbour } = TENANTS;
const RELATIONS: readonly Relation[] = [
  {
    what: "another tenant's rows",
    grant: { tenant: harbour, projects: "all" },
    alone: [PIER, QUAY],
    theirs: STONE,
  },
  {
    what: "another tenant's rows, with one project granted",
    grant: { tenant: harbour, projects: [PIER.project.id] },
    alone: [PIER],
    theirs: STONE,
  },
  {
    what: "rows of a project of one's own tenant that was not granted",
    grant: { tenant: harbour, projects: [PIER.project.id] },
    alone: [PIER],
    theirs: QUAY,
  },
  {
    what: "any rows, with no project granted",
    grant: { tenant: harbour, projects: [] },
    alone: [],
    theirs: PIER,
  },
];

/** A caller's store in a database with the others, and one in a database without. */
interface Pair {
  readonly among: PostgresStorage;
  readonly alone: PostgresStorage;
  readonly url: string;
}

describeWithServer("isolation of every member of every facet", () => {
  let world: Awaited<ReturnType<typeof plantedDatabase>> | undefined;
  const templates: TestDatabase[] = [];

  beforeAll(async () => {
    world = await plantedDatabase([PIER, QUAY, STONE, MILL]);
    templates.push(world.database);
  });
  afterAll(async () => {
    for (const { drop } of templates) await drop();
  });

  describe.each(RELATIONS)("$what", ({ grant, alone, theirs: { word } }) => {
    const open: PostgresStorage[] = [];
    const copies: TestDatabase[] = [];
    let pair: Pair | undefined;
    let mine: Planted | undefined;
    let theirs: Planted | undefined;
    let untouched: Awaited<ReturnType<typeof rowsOfProject>> | undefined;

    beforeAll(async () => {
      const others = await plantedDatabase(alone);
      copies.push(others.database);
      const full = await newDatabase({ template: world?.database.name ?? "" });
      copies.push(full);
      const store = async ({ url }: TestDatabase) => {
        // One connection: what one caller leaves in it, the next one would find.
        const storage = await PostgresStorage.open({ url, poolMax: 1 });
        open.push(storage);
        return storage.granted(grant);
      };
      pair = { among: await store(full), alone: await store(others.database), url: full.url };
      mine = world?.planted[0];
      theirs = world?.planted.find((planted) => planted.word === word);
      untouched = await rowsOfProject(full.url, String(theirs?.project.id));
    });
    afterAll(async () => {
      for (const storage of open) await storage.close();
      for (const { drop } of copies) await drop();
    });

    const compare = async (attempt: Attempt) => {
      if (pair === undefined || mine === undefined || theirs === undefined)
        throw new Error("Nothing is planted.");
      const among = await outcome(attempt, pair.among, { mine, theirs });
      expect(among).toEqual(await outcome(attempt, pair.alone, { mine, theirs }));
      expect(among).not.toMatchObject({ refused: { code: "internal" } });
    };

    it("has attempts for every member there is", () => {
      const facets = Object.keys(pair?.among ?? {}).filter((name) => name !== "capabilities");
      expect(Object.keys(ATTEMPTS).sort()).toEqual(facets.sort());
      for (const [facet, members] of Object.entries(ATTEMPTS)) {
        // SAFETY: the keys of the table are names of facets.
        const real = Object.keys(pair?.among[facet as FacetName] ?? {});
        expect(Object.keys(members).sort(), facet).toEqual(real.sort());
      }
    });

    for (const [facet, members] of Object.entries(ATTEMPTS))
      for (const [member, attempts] of Object.entries(members))
        it.each(attempts.map((attempt, i) => [i + 1, attempt] as const))(
          `${facet}.${member}, %i`,
          (_, attempt) => compare(attempt),
        );

    it.each(Object.entries(WRITES))("transaction: %s", (_, attempt) => compare(attempt));

    it("leaves all of theirs as it was", async () => {
      expect(untouched?.events?.length).toBe(3);
      expect(untouched?.vectors?.length).toBeGreaterThan(3);
      expect(await rowsOfProject(pair?.url ?? "", String(theirs?.project.id))).toEqual(untouched);
    });
  });
});

/** What a caller gets, without what is the database's own: its name and size. */
async function outcome(
  attempt: Attempt,
  storage: PostgresStorage,
  owners: { readonly mine: Planted; readonly theirs: Planted },
): Promise<unknown> {
  try {
    const value = await attempt(storage, owners);
    if (typeof value !== "object" || value === null || !("engineVersion" in value)) return { value };
    const { bytes: _, location: __, ...figures } = { bytes: 0, location: "", ...value };
    return { figures };
  } catch (error) {
    return { refused: errorReport(asKnowledgeError(error)).error };
  }
}
