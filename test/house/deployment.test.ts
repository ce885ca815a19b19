import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { POSTGRES_VARIABLES, postgresSettings } from "../../lib/postgres-settings.ts";
import { repositoryFiles, textOf } from "./tree.ts";

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image?: string;
        readonly shm_size?: string;
        readonly ports?: readonly string[];
        readonly volumes?: readonly string[];
        readonly healthcheck?: { readonly test: readonly string[] };
        readonly environment?: Readonly<Record<string, string>>;
      }
    >
  >;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = textOf("docker-compose.yml");
const manual = textOf("docs/postgres.md");

describe("docker-compose.yml", () => {
  // SAFETY: what is read from it is compared below.
  const { services, volumes } = parse(compose) as Compose;
  const { postgres } = services;

  it("keeps a database with pgvector in a named volume, with shared memory for building indexes", () => {
    expect(postgres).toMatchObject({ image: "pgvector/pgvector:pg17", shm_size: "1gb" });
    const [name = "", folder] = (postgres?.volumes?.[0] ?? "").split(":");
    expect(Object.keys(volumes)).toEqual([name]);
    expect(folder).toBe("/var/lib/postgresql/data");
  });

  it("is healthy when the server that is to stay answers: the one that sets up listens to no port", () => {
    expect(postgres?.healthcheck?.test).toContain("--host=127.0.0.1");
  });

  it("answers this machine only, and has no password of its own", () => {
    expect(postgres?.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)]);
    expect(postgres?.environment?.POSTGRES_PASSWORD).toMatch(/^\$\{POSTGRES_PASSWORD:\?/);
  });

  it("reads what .env.example shows for it", () => {
    const shown = textOf(".env.example").split("# --- Read by docker-compose.yml")[1] ?? "";
    const names = [...shown.matchAll(/^#([A-Z_]+)=/gm)].map(([, name]) => name);
    const read = [...compose.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name);
    expect(names.sort()).toEqual([...new Set(read)].sort());
  });
});

describe("docs/postgres.md", () => {
  it("has every setting with the default that holds", () => {
    const rows = new Map(
      [...manual.matchAll(/^\| `(POSTGRES_[A-Z_]+)` \| ([^|]+?) \|/gm)].map(([, name = "", value]) => [
        name,
        value,
      ]),
    );
    expect([...rows.keys()].sort()).toEqual(Object.keys(POSTGRES_VARIABLES).sort());
    const defaults = postgresSettings("postgres://", () => undefined);
    expect([
      rows.get("POSTGRES_POOL_MIN"),
      rows.get("POSTGRES_POOL_MAX"),
      rows.get("POSTGRES_IDLE_TIMEOUT_MS"),
      rows.get("POSTGRES_STATEMENT_TIMEOUT_MS"),
      rows.get("POSTGRES_CONNECT_TIMEOUT_MS"),
      rows.get("POSTGRES_VECTOR_INDEX"),
    ]).toEqual(
      [
        defaults.poolMin,
        defaults.poolMax,
        defaults.idleTimeoutMs,
        defaults.statementTimeoutMs,
        defaults.connectTimeoutMs,
        defaults.vectorIndex,
      ].map((value) => `\`${value}\``),
    );
  });

  it("explains messages that the program really gives", () => {
    const sources = repositoryFiles()
      .filter((path) => path.startsWith("lib/storage/"))
      .map(textOf)
      .join("\n");
    const part = manual.split("## When something goes wrong")[1] ?? "";
    const messages = [...part.matchAll(/^\| \*(.+?)\* \|/gm)].map(([, message = ""]) => message);
    expect(messages.length).toBeGreaterThan(15);
    const unknown = messages.filter((message) =>
      message.split("…").some((words) => words.trim().length > 3 && !sources.includes(words.trim())),
    );
    expect(unknown).toEqual([]);
  });

  it("is named by the README, and names what it sends its readers to", () => {
    expect(textOf("README.md")).toContain("(docs/postgres.md)");
    const files = repositoryFiles();
    const targets = [...manual.matchAll(/\]\((?!http)([^)#]+)/g)].map(([, target = ""]) => target);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) expect(files).toContain(new URL(target, "file:///docs/").pathname.slice(1));
  });
});
