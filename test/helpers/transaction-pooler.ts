import { connect, createServer, type Socket } from "node:net";
import { closed, listening } from "./postgres-wire.ts";

/** A pooler that lends a server's connection for one transaction at a time, as PgBouncer does in that mode. */
export interface TransactionPooler {
  readonly url: string;
  /** Everything that was asked through it. */
  readonly statements: readonly string[];
  /** What a pooler in transaction mode refuses, or what would be lost or left to others. */
  readonly refused: readonly string[];
  /** How many of the server's connections served a program's first ten transactions, at the most. */
  spread(): number;
  close(): Promise<void>;
}

const BACKENDS = 4;
/** What another program may have left on a connection: nothing here may lean on a session's settings. */
const LEFT_BEHIND = `SET search_path = pg_catalog; SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'SQL, DMY';
  SET statement_timeout = '50ms'; SET lock_timeout = '50ms'; SET bytea_output = 'escape'; SET row_security = off;
  SET default_transaction_isolation = 'serializable'; SET default_transaction_read_only = on`;
const NEEDS_A_SESSION =
  /(?:^|;)\s*(?:SET\s+(?!LOCAL\b)|LISTEN\b|PREPARE\b|DECLARE\b|CREATE\s+TEMP)|pg_(?:try_)?advisory_lock|set_config\([^)]*,\s*false\)/i;
const STARTUP_ALLOWED = new Set(["user", "database", "client_encoding", "application_name"]);

interface Backend {
  readonly socket: Socket;
  readonly greeting: Buffer;
  borrower: Session | undefined;
}
interface Session {
  readonly client: Socket;
  readonly waiting: Buffer[];
  readonly served: Backend[];
  backend: Backend | undefined;
  /** Questions (Query or Sync) that have no ReadyForQuery yet. */
  open: number;
}

/** Opens one in front of the database of `url`: a login that is trusted, without TLS. */
export async function openTransactionPooler(url: string): Promise<TransactionPooler> {
  const target = new URL(url);
  const [statements, refused, sessions]: [string[], string[], Session[]] = [[], [], []];
  const idle: Backend[] = [];
  const all = await Promise.all(Array.from({ length: BACKENDS }, () => openBackend(target, settle)));
  idle.push(...all);

  function settle(backend: Backend, message: Buffer): void {
    const session = backend.borrower;
    session?.client.write(message);
    if (session === undefined || message[0] !== code("Z")) return;
    session.open -= 1;
    // "I": no transaction is open. The connection goes to the end of the line, so the next one is another.
    if (session.open > 0 || message[5] !== code("I")) return;
    session.backend = undefined;
    backend.borrower = undefined;
    idle.push(backend);
    for (const waiting of sessions) serve(waiting);
  }

  function serve(session: Session): void {
    if (session.waiting.length === 0) return;
    session.backend ??= idle.shift();
    if (session.backend === undefined) return;
    if (session.backend.borrower === undefined) session.served.push(session.backend);
    session.backend.borrower = session;
    for (const message of session.waiting.splice(0)) session.backend.socket.write(message);
  }

  function ask(session: Session, message: Buffer): void {
    refused.push(...refusedIn(message));
    if (isStatement(message)) statements.push(textOf(message));
    if (message[0] === code("Q") || message[0] === code("S")) session.open += 1;
    session.waiting.push(message);
    serve(session);
  }

  const server = createServer((client) => {
    const session: Session = { client, waiting: [], served: [], backend: undefined, open: 0 };
    sessions.push(session);
    client.setNoDelay(true).on("error", () => undefined);
    client.on("close", () => session.backend?.socket.destroy());
    split(client, { typed: false }, (message, isStartup) => {
      if (isStartup) {
        client.write(all[0]?.greeting ?? "");
        refused.push(...refusedParameters(message));
      } else if (message[0] === code("X")) client.end();
      else ask(session, message);
    });
  });
  return {
    url: await listening(server, target),
    statements,
    refused,
    spread: () => Math.max(0, ...sessions.map(({ served }) => new Set(served.slice(0, 10)).size)),
    close: () =>
      closed(server, [...sessions.map(({ client }) => client), ...all.map(({ socket }) => socket)]),
  };
}

function isStatement(message: Buffer): boolean {
  return message[0] === code("Q") || message[0] === code("P");
}

function textOf(message: Buffer): string {
  return message.toString("utf8", 5).replaceAll("\0", " ");
}

function refusedIn(message: Buffer): readonly string[] {
  if (!isStatement(message)) return [];
  const text = textOf(message);
  if (message[0] === code("P") && message[5] !== 0) return [`named statement: ${text}`];
  return NEEDS_A_SESSION.test(text) ? [text] : [];
}

/** A connection of the server's, logged in, with another program's settings left on it. */
function openBackend(target: URL, settle: (backend: Backend, message: Buffer) => void): Promise<Backend> {
  const socket = connect(Number(target.port), target.hostname);
  socket.setNoDelay(true).on("error", () => undefined);
  const names = ["user", target.username, "database", target.pathname.slice(1), "client_encoding", "UTF8"];
  const body = Buffer.from(`${names.join("\0")}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(196_608, 4);
  socket.write(Buffer.concat([head, body]));
  const greeting: Buffer[] = [];
  let readies = 0;
  return new Promise((resolve) => {
    let backend: Backend | undefined;
    split(socket, { typed: true }, (message) => {
      if (backend !== undefined && readies > 1) return settle(backend, message);
      if (readies === 0) greeting.push(message);
      if (message[0] !== code("Z")) return;
      readies += 1;
      if (readies === 1) socket.write(query(LEFT_BEHIND));
      else {
        backend = { socket, greeting: Buffer.concat(greeting), borrower: undefined };
        resolve(backend);
      }
    });
  });
}

/** Cuts a stream into the protocol's messages: a type, four bytes of length, a body; the first of a program has no type. */
function split(
  socket: Socket,
  { typed }: { readonly typed: boolean },
  take: (message: Buffer, isStartup: boolean) => void,
): void {
  let held = Buffer.alloc(0);
  let hasType = typed;
  socket.on("data", (piece: Buffer) => {
    held = Buffer.concat([held, piece]);
    for (;;) {
      const start = hasType ? 1 : 0;
      if (held.length < start + 4) return;
      const end = start + held.readInt32BE(start);
      if (held.length < end) return;
      const message = held.subarray(0, end);
      held = held.subarray(end);
      const isStartup = !hasType;
      hasType = true;
      take(message, isStartup);
    }
  });
}

function refusedParameters(message: Buffer): readonly string[] {
  const parts = message.toString("utf8", 8).split("\0");
  return parts.filter((name, i) => i % 2 === 0 && name !== "" && !STARTUP_ALLOWED.has(name));
}

function query(sql: string): Buffer {
  const body = Buffer.from(`${sql}\0`);
  const head = Buffer.alloc(5);
  head.write("Q");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function code(letter: string): number {
  return letter.charCodeAt(0);
}
