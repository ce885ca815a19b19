import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { POSTGRES_VARIABLES, postgresSettings } from "../../lib/postgres-settings.ts";
import { tempFolder } from "../helpers/store.ts";
import { ROOT, repositoryFiles, textOf } from "./tree.ts";

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
        readonly environment?: Readonly<Record<string, string | null>>;
        readonly build?: string;
        readonly profiles?: readonly string[];
        readonly command?: readonly string[];
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
  const { postgres, server } = services;

  it("keeps a database with pgvector in a named volume, with shared memory for building indexes", () => {
    expect(postgres).toMatchObject({ image: "pgvector/pgvector:pg17", shm_size: "1gb" });
    const [name = "", folder] = (postgres?.volumes?.[0] ?? "").split(":");
    expect(Object.keys(volumes)).toContain(name);
    expect(folder).toBe("/var/lib/postgresql/data");
  });

  it("is healthy when the server that is to stay answers: the one that sets up listens to no port", () => {
    expect(postgres?.healthcheck?.test).toContain("--host=127.0.0.1");
  });

  it("answers this machine only, and has no password of its own", () => {
    expect(postgres?.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)]);
    expect(postgres?.environment?.POSTGRES_PASSWORD).toMatch(/^\$\{POSTGRES_PASSWORD:\?/);
  });

  it("has the server beside it for those who ask, on this machine, with tokens", () => {
    expect(server).toMatchObject({ build: ".", profiles: ["server"], command: ["serve", "--migrate"] });
    expect(server?.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:.*:3000$/)]);
    expect(server?.environment?.POSTGRES_URL).toBe("postgres://aiknowsys@postgres:5432/aiknowsys");
    expect(server?.environment?.PGPASSWORD).toBe(postgres?.environment?.POSTGRES_PASSWORD);
    expect(Object.keys(server?.environment ?? {})).not.toContain("AIKNOWSYS_AUTH");
    for (const name of ["AIKNOWSYS_ALLOWED_HOSTS", "AIKNOWSYS_TRUSTED_PROXIES"])
      expect(server?.environment, "passed on as it is set").toHaveProperty(name, null);
  });

  it("keeps the server's home, where backups go before the schema changes, in a volume of its user's", () => {
    const [name = "", folder = ""] = (server?.volumes?.[0] ?? "").split(":");
    expect(Object.keys(volumes)).toContain(name);
    expect(textOf("Dockerfile")).toMatch(new RegExp(`^RUN install .*--owner=node .*${folder}$`, "m"));
  });

  it("reads what .env.example shows for it", () => {
    const shown = textOf(".env.example").split("# --- Read by docker-compose.yml")[1] ?? "";
    const names = [...shown.matchAll(/^#([A-Z_]+)=/gm)].map(([, name]) => name);
    const read = [...compose.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name);
    expect(names.sort()).toEqual([...new Set(read)].sort());
  });
});

describe("Dockerfile", () => {
  const lines = textOf("Dockerfile").split("\n");

  it("builds in stages from a base that a tag pins, and ends as a user that is not root", () => {
    const bases = lines.filter((line) => line.startsWith("FROM "));
    expect(bases).toHaveLength(3);
    for (const base of bases) expect(base).toMatch(/^FROM node:20\.\d+-bookworm-slim( AS [a-z]+)?$/);
    const last = lines.slice(lines.lastIndexOf(bases.at(-1) ?? ""));
    expect(last).toContain("USER node");
    expect(last.filter((line) => line.startsWith("HEALTHCHECK "))).toHaveLength(1);
    expect(last.join("\n")).not.toMatch(/PASSWORD|TOKEN|AIKNOWSYS_AUTH/);
  });

  it("takes everything along that the program needs of the package", () => {
    const copied = lines.flatMap((line) => /^COPY --from=build (.+) \S+$/.exec(line)?.[1]?.split(" ") ?? []);
    const { files, bin } = JSON.parse(textOf("package.json"));
    const folders = files.filter((file: string) => !/\.md$|^\.env|^dist$/.test(file));
    for (const part of [...folders, bin.aiknowsys, "dist/flat"]) expect(copied).toContain(`/build/${part}`);
  });

  it("leaves out the packages that the build has taken in, and no others", () => {
    const removed = /^RUN rm -r (.+)$/m.exec(lines.join("\n"))?.[1]?.split(" ") ?? [];
    const { dependencies, bin } = JSON.parse(textOf("package.json"));
    const flat = readdirSync(join(ROOT, "dist", "flat")).filter((name) => name.endsWith(".js"));
    const program = [bin.aiknowsys, ...flat.map((name) => `dist/flat/${name}`)].map(textOf).join("\n");
    const isImported = (name: string) =>
      new RegExp(`(from|import)\\s*\\(?\\s*"${name}(/[^"]+)?"`).test(program);
    const takenIn = Object.keys(dependencies).filter((name) => !isImported(name));
    const folders = takenIn.map((name) => `node_modules/${name.startsWith("@") ? name.split("/")[0] : name}`);
    expect(removed.sort()).toEqual([...new Set(folders)].sort());
  });

  it("leaves secrets and what is built elsewhere outside", () => {
    const outside = textOf(".dockerignore").split("\n");
    expect(outside).toEqual(expect.arrayContaining([".env", ".git", "node_modules", "dist", "model"]));
  });
});

describe("the quick start with Docker", () => {
  const blockOf = (path: string) => {
    const block = /```sh\n([^`]*docker compose up[^`]*)```/.exec(textOf(path))?.[1] ?? "";
    return block.split("npx aiknowsys migrate")[0] ?? "";
  };

  /** What it ends with, in a folder where programs of ours stand in for the two that are not here. */
  function urlOf(path: string, folder: string): string {
    const programs = join(folder, "programs");
    mkdirSync(programs, { recursive: true });
    for (const [name, does] of [
      ["docker", "exit 0"],
      ["openssl", "od -An -N16 -tx1 /dev/urandom | tr -d ' \\n'"],
    ] as const) {
      writeFileSync(join(programs, name), `#!/bin/sh\n${does}\n`);
      chmodSync(join(programs, name), 0o755);
    }
    const env = { PATH: `${programs}${delimiter}/usr/bin${delimiter}/bin` };
    const script = `set -eu\n${blockOf(path)}\nprintf %s "$POSTGRES_URL"`;
    return execFileSync("/bin/sh", ["-c", script], { cwd: folder, env, encoding: "utf8" });
  }

  it.each(["docs/postgres.md", "README.md"])("of %s has the same password on the second day", (path) => {
    const folder = tempFolder();
    writeFileSync(join(folder, ".env"), "POSTGRES_PORT=6543\n", { mode: 0o600 });
    const first = urlOf(path, folder);
    expect(first).toMatch(/^postgres:\/\/aiknowsys:[0-9a-f]{32}@127\.0\.0\.1:6543\/aiknowsys$/);
    expect(urlOf(path, folder)).toBe(first);
    expect(statSync(join(folder, ".env")).mode & 0o077).toBe(0);
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

  it("says that a login is not bound to a tenant, and what is, as SECURITY.md does", () => {
    expect(manual).toContain("**A database login is not bound to a\ntenant.**");
    expect(manual).toContain("(tokens.md)");
    expect(manual).toContain("(server.md)");
    expect(textOf("SECURITY.md")).toMatch(/database login bound to a tenant/);
    expect(textOf("SECURITY.md")).not.toContain("does not serve");
  });

  it("is named by the README, and names what it sends its readers to", () => {
    expect(textOf("README.md")).toContain("(docs/postgres.md)");
    const files = repositoryFiles();
    const targets = [...manual.matchAll(/\]\((?!http)([^)#]+)/g)].map(([, target = ""]) => target);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) expect(files).toContain(new URL(target, "file:///docs/").pathname.slice(1));
  });
});
