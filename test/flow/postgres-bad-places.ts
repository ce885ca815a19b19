import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { adminClient, asLogin, newDatabase } from "../helpers/postgres.ts";
import { type OwnServer, speakTls, startOwnServer } from "../helpers/postgres-own-server.ts";
import { closed, listening, openWire } from "../helpers/postgres-wire.ts";
import { selfSigned } from "../helpers/self-signed.ts";
import { tempFolder } from "../helpers/store.ts";

/** In every address; nothing that is said may hold it. */
export const PASSWORD = "hunter2-tern";

/** Where a program is sent, and what else it is told. */
export interface Setting {
  readonly url: string;
  readonly env?: Readonly<Record<string, string>>;
}

const { key, certificate } = selfSigned("127.0.0.1");

/** Runs statements one by one as the superuser. */
export async function statements(url: string, ...texts: readonly string[]): Promise<void> {
  const client = await adminClient(asLogin(url, "postgres"));
  for (const text of texts) await client.query(text);
  await client.end();
}

/** An empty database, deleted after the test. */
export async function database(): Promise<string> {
  const { url, drop } = await newDatabase();
  onTestFinished(drop);
  return asLogin(url, "postgres", PASSWORD);
}

/** A database with a store in which these statements have been run. */
export async function store(...texts: readonly string[]): Promise<Setting> {
  const url = await database();
  await (await PostgresStorage.open({ url, migrate: true })).close();
  await statements(url, ...texts);
  return { url };
}

/** The same database for a new login with these attributes. */
export async function login(url: string, attributes: string): Promise<string> {
  const name = `login_${randomBytes(6).toString("hex")}`;
  await statements(url, `CREATE ROLE ${name} LOGIN ${attributes}`);
  onTestFinished(() => statements(url.replace(/\w+$/, "postgres"), `DROP ROLE ${name}`));
  return asLogin(url, name, PASSWORD);
}

/** The same database for a new login that owns it. */
export async function owned(url: string): Promise<string> {
  const other = await login(url, "CREATEROLE");
  await statements(
    url,
    `ALTER DATABASE ${new URL(url).pathname.slice(1)} OWNER TO ${new URL(other).username}`,
  );
  onTestFinished(() => statements(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} OWNER TO postgres`));
  return other;
}

/** The same database, but one text of what the program sends becomes another. */
export async function altered(url: string, text: string, by: string): Promise<string> {
  const wire = await openWire(url);
  onTestFinished(() => wire.close());
  // As long as before, so that the messages' lengths stay true.
  wire.decide((sent) => Buffer.from(sent.toString("latin1").replace(text, by.padEnd(text.length)), "latin1"));
  return wire.url;
}

/** The address of a server that is none of PostgreSQL's. */
export async function answering(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    answer(socket);
  });
  onTestFinished(() => closed(server, sockets));
  return listening(server, new URL(`postgres://team:${PASSWORD}@127.0.0.1/knowledge`));
}

export function webServer(socket: Socket): void {
  socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
}

/** As PostgreSQL says that it has no TLS. */
export function withoutTls(socket: Socket): void {
  socket.once("data", () => socket.write("N"));
}

/** The certificate that must be trusted to speak to the guarded server. */
export function rootFile(): string {
  const file = join(tempFolder(), "root.pem");
  writeFileSync(file, certificate);
  return file;
}

/** A server with TLS by a certificate of its own, the login `locked`, which needs a password, and `stranger`, not admitted. */
export async function startGuardedServer(): Promise<OwnServer> {
  const server = await startOwnServer({});
  const rules = join(server.dir, "data", "pg_hba.conf");
  const before = readFileSync(rules, "utf8");
  writeFileSync(rules, `host all locked all scram-sha-256\nhost all stranger all reject\n${before}`);
  await statements(
    server.url,
    `CREATE ROLE locked LOGIN PASSWORD '${PASSWORD}'`,
    "CREATE ROLE stranger LOGIN",
  );
  await speakTls(server, { key, certificate });
  return server;
}
