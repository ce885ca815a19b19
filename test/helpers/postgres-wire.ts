import { connect, createServer, type Server, type Socket } from "node:net";

/** What stands between a program and its server: it sees what the program sends, and may let it go nowhere. */
export interface Wire {
  /** The same address through the wire. */
  readonly url: string;
  /** Decides over each piece that the program sends from now on. Default: `pass`. */
  decide(over: (sent: Buffer) => Verdict): void;
  close(): Promise<void>;
}

/** `cut`: both ends are closed at once. `swallow`: nothing more is heard, but nothing is closed. Bytes: sent instead. */
export type Verdict = "pass" | "cut" | "swallow" | Buffer;

/** Opens a loopback port that leads to the server of `url`. */
export async function openWire(url: string): Promise<Wire> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let decide: (sent: Buffer) => Verdict = () => "pass";
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true).on("error", () => undefined);
    }
    client.on("data", (sent) => {
      const verdict = decide(sent);
      if (verdict === "pass") upstream.write(sent);
      else if (typeof verdict !== "string") upstream.write(verdict);
      else if (verdict === "cut") for (const socket of [client, upstream]) socket.destroy();
    });
    upstream.on("data", (answer) => client.write(answer));
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  return {
    url: await listening(server, target),
    decide: (over) => {
      decide = over;
    },
    close: () => closed(server, sockets),
  };
}

/** The address of a server that listens on a free port, in the form of another. */
export async function listening(server: Server, like: URL): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  const url = new URL(like);
  if (address !== null && typeof address === "object") url.port = String(address.port);
  return url.href;
}

export function closed(server: Server, sockets: Iterable<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  return new Promise((resolve) => server.close(() => resolve()));
}
