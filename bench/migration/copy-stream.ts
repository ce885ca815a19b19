import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import type { Writable } from "node:stream";
import type pg from "pg";

/** What node-postgres' connection does for COPY, and its types leave out. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
  readonly stream: Writable;
}

type OnData = (connection: CopyConnection) => Promise<void>;

/** A COPY statement as node-postgres runs what brings its own protocol along. */
class CopyStatement {
  readonly #text: string;
  readonly #send: OnData;
  readonly #receive: (chunk: Uint8Array) => void;
  #sent: Promise<void> = Promise.resolve();
  #end: (error?: Error) => void = () => undefined;
  readonly ended: Promise<void>;

  constructor(text: string, send: OnData, receive: (chunk: Uint8Array) => void) {
    this.#text = text;
    this.#send = send;
    this.#receive = receive;
    this.ended = new Promise((resolve, reject) => {
      this.#end = (error) => (error === undefined ? this.#sent.then(resolve, reject) : reject(error));
    });
  }

  submit(connection: CopyConnection): void {
    connection.query(this.#text);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    this.#sent = this.#send(connection);
  }

  handleCopyData({ chunk }: { readonly chunk: Uint8Array }): void {
    this.#receive(chunk);
  }

  handleError(error: Error): void {
    this.#end(error);
  }

  handleReadyForQuery(): void {
    this.#end();
  }

  handleCommandComplete(): void {}
}

/** Runs COPY … TO STDOUT into a file. */
export async function copyOut(client: pg.Client, statement: string, file: string): Promise<void> {
  const out = createWriteStream(file);
  await run(
    client,
    new CopyStatement(
      statement,
      async () => undefined,
      (chunk) => void out.write(Buffer.from(chunk)),
    ),
  );
  out.end();
  await once(out, "close");
}

/** Runs COPY … FROM STDIN with what a file holds. */
export async function copyIn(client: pg.Client, statement: string, file: string): Promise<void> {
  const send: OnData = async (connection) => {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      connection.sendCopyFromChunk(chunk);
      if (connection.stream.writableLength > 1 << 22) await once(connection.stream, "drain");
    }
    connection.endCopyFrom();
  };
  await run(client, new CopyStatement(statement, send, () => undefined));
}

async function run(client: pg.Client, statement: CopyStatement): Promise<void> {
  // SAFETY: whatever has `submit` is run as it is; the types know other statements' shapes only.
  client.query(statement as unknown as pg.Submittable);
  await statement.ended;
}
