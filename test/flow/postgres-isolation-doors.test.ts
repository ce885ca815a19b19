import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandName, entriesOfCommands } from "../../lib/cli/commands.ts";
import { EXIT_STATUS } from "../../lib/cli/errors.ts";
import type { Deps } from "../../lib/knowledge/deps.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { answerCall } from "../../mcp-server/answer-call.ts";
import { listResources, readResource } from "../../mcp-server/resource-rows.ts";
import type { ServerOptions } from "../../mcp-server/server-options.ts";
import { toolsOf } from "../../mcp-server/tools.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import { describeWithServer } from "../helpers/postgres.ts";
import { ownerOf, type Planted, plantedDatabase, rowsOfProject } from "../helpers/postgres-tenants.ts";
import { makeTempFolder } from "../helpers/store.ts";
import { COMMAND_LINES, namesOf, TOOL_CALLS } from "./postgres-isolation-typed.ts";

/** As in the test of facets: every line and call is tried in a database with and in one without the other tenant. */

const PIER = ownerOf("harbour", "pierrot");
const STONE = ownerOf("quarry", "stonecutter");
/** They work on a folder or on the store. */
const WITHOUT_PROJECT: readonly CommandName[] = [
  ...(["init", "doctor", "migrate", "tenant", "token", "project", "audit"] as const),
  ...(["migrate-to-postgres", "migrate-to-sqlite", "backup", "restore"] as const),
];
const COMMANDS = entriesOfCommands().map(([name]) => name);

describeWithServer("isolation at the doors", () => {
  let among: World | undefined;
  let alone: World | undefined;
  let untouched: unknown;

  beforeAll(async () => {
    among = await openWorld([PIER, STONE]);
    alone = await openWorld([PIER]);
    untouched = await rowsOfProject(among.url, STONE.project.id);
  });
  afterAll(async () => {
    await among?.close();
    await alone?.close();
  });

  const both = () => {
    const theirs = among?.planted[1];
    const mine = among?.planted[0];
    if (among === undefined || alone === undefined || theirs === undefined || mine === undefined)
      throw new Error("Nothing is planted.");
    return { among, alone, theirs: namesOf(theirs), known: knownNames([mine, theirs]) };
  };

  it.each(COMMANDS)("%s says the same with and without the other tenant's rows", async (command) => {
    const { theirs, known, ...worlds } = both();
    const lines = { among: makeCommandLine(), alone: makeCommandLine() };
    for (const [i, line] of COMMAND_LINES[command](theirs).entries()) {
      for (const project of projectsFor(i, theirs.project)) {
        const said = async (which: "among" | "alone") => {
          const { type, env } = lines[which];
          const address = { POSTGRES_URL: worlds[which].url, AIKNOWSYS_TENANT: "harbour" };
          const args = [command, ...line, "--project", project, "--json"];
          return comparable(
            await type(args, { env: { ...env, STORAGE_TYPE: "postgres", ...address } }),
            known,
          );
        };
        const answer = await said("among");
        expect(answer, line.join(" ")).toEqual(await said("alone"));
        expect(answer.status, JSON.stringify(answer)).not.toBe(EXIT_STATUS.internal);
        const isForeign = project !== PIER.project.name && !WITHOUT_PROJECT.includes(command);
        if (isForeign) expect(answer.status, line.join(" ")).toBe(EXIT_STATUS.not_found);
      }
    }
  });

  it.each(toolsOf("full").map((tool) => [tool.name, tool] as const))(
    "the tool %s answers the same with and without the other tenant's rows",
    async (name, tool) => {
      const { theirs, known, ...worlds } = both();
      const calls = TOOL_CALLS[name]?.(theirs) ?? [];
      expect(calls.length).toBeGreaterThan(0);
      for (const [i, args] of calls.entries()) {
        for (const project of projectsFor(i, theirs.project)) {
          const answer = async ({ options }: World) => {
            const given = "project" in tool.properties ? { ...args, project } : args;
            const caller = { client: "tester", signal: new AbortController().signal };
            return comparable(await answerCall(options, tool, given, caller), known);
          };
          const answered = await answer(worlds.among);
          expect(answered, JSON.stringify(args)).toEqual(await answer(worlds.alone));
          expect(JSON.stringify(answered)).not.toContain("Error (internal)");
        }
      }
    },
  );

  it("gives resources of one's own tenant only", async () => {
    const { theirs, known, ...worlds } = both();
    const listed = async ({ options }: World) => comparable(await listResources(options, undefined), known);
    expect(await listed(worlds.among)).toEqual(await listed(worlds.alone));
    for (const project of [PIER.project.name, ...theirs.project]) {
      for (const ref of theirs.plan) {
        const read = ({ options }: World) =>
          readResource(options, "plan", project, ref).catch((error: unknown) => String(error));
        expect(await read(worlds.among)).toEqual(await read(worlds.alone));
      }
    }
  });

  it("leaves all of the other tenant's rows as they were", async () => {
    expect(await rowsOfProject(both().among.url, STONE.project.id)).toEqual(untouched);
  });
});

interface World {
  readonly url: string;
  readonly planted: readonly Planted[];
  readonly options: ServerOptions;
  close(): Promise<void>;
}

async function openWorld(owners: Parameters<typeof plantedDatabase>[0]): Promise<World> {
  const { database, planted } = await plantedDatabase(owners);
  const { url, drop } = database;
  const storage = await PostgresStorage.open({ url, tenant: "harbour" });
  const { folder, remove } = makeTempFolder();
  const silent = (): void => undefined;
  const deps: Deps = {
    storage,
    embedder: undefined,
    embeddingProvider: "none",
    documents: "store",
    clock: () => Date.parse("2026-04-01T00:00:00.000Z"),
    random: (bytes) => randomBytes(bytes),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    actor: "tester",
    cursors: { read: () => undefined, write: silent },
    cwd: folder,
  };
  // SAFETY: an answer takes no other setting than these.
  const options = {
    version: "1",
    profile: "full",
    log: deps.log,
    opener: { open: async () => ({ deps, close: async () => undefined }), close: async () => undefined },
    config: () => ({ cwd: folder, userHome: "/", project: undefined, allProjects: true }),
  } as unknown as ServerOptions;
  const close = async () => {
    await storage.close();
    await drop();
    remove();
  };
  return { url, planted, options, close };
}

/** One's own, and with the first line or call also every name of the other's project: none is found. */
function projectsFor(place: number, theirs: readonly string[]): readonly string[] {
  return place === 0 ? [PIER.project.name, ...theirs] : [PIER.project.name];
}

/** Ids, refs and hashes that are the same in both worlds; others were made by chance. */
function knownNames(planted: readonly Planted[]): ReadonlySet<string> {
  const names = planted.flatMap(({ ids, names: refs, project, registered }) => [
    ...Object.values(ids).flat(),
    ...Object.values(refs).flat(),
    project.id,
    registered.ref,
  ]);
  return new Set(names);
}

const BY_CHANCE =
  /\b(?:(?:pln|ses|ptn|evt|prj)_[a-z2-7]{8}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64})\b/g;

/** An answer without what differs from run to run: new ids, times, sizes and names of places. */
function comparable<Answer extends object>(answer: Answer, known: ReadonlySet<string>): Answer {
  const text = JSON.stringify(answer)
    .replaceAll(BY_CHANCE, (name) => (known.has(name) ? name : "«name»"))
    .replaceAll(/\baiknowsys-\d{8}T\d{9}Z-postgres-[0-9a-f]{8}/g, "«backup»")
    .replaceAll(/\btest_[0-9a-f]{16}\b/g, "«database»")
    .replaceAll(/\b\d{8}T\d{9}Z-postgres-[0-9a-f]{8}\b/g, "«backup»")
    .replaceAll(/\/aiknowsys-test-\w+/g, "/«folder»")
    .replaceAll(/(\\*"(?:bytes|tookMs|tokens|perSecond)\\*": ?)\d+/g, (_all, name: string) => `${name}0`)
    .replaceAll(/2026-(?:1[0-2]|0[4-9])-\d\dT[\d:.]+Z/g, "«now»");
  return JSON.parse(text);
}

describe("the tables of what is tried", () => {
  it("name every tool of the MCP server and nothing else", () => {
    expect(Object.keys(TOOL_CALLS).sort()).toEqual(
      toolsOf("full")
        .map(({ name }) => name)
        .sort(),
    );
  });
});
