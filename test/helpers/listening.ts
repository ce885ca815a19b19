import type { Server } from "node:http";

/** Lets a server listen at a free port of this machine, and gives its address. */
export function listeningUrl(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}`);
    });
  });
}
