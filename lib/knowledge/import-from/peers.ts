import { readAiknowsys } from "./aiknowsys.ts";
import { readBasicMemory } from "./basic-memory.ts";
import { readBeads } from "./beads.ts";
import { readClaudeMem } from "./claude-mem.ts";
import type { Finding, Peer, Reading } from "./finding.ts";
import { readServerMemory } from "./server-memory.ts";

/** Everything that a tool keeps at a path, record by record. @throws KnowledgeError `not_found`, `invalid_input`, `unavailable` for the path. */
export function readPeer(peer: Peer, reading: Reading): AsyncGenerator<Finding, void> {
  switch (peer) {
    case "aiknowsys-0.10":
      return readAiknowsys(reading);
    case "basic-memory":
      return readBasicMemory(reading);
    case "claude-mem":
      return readClaudeMem(reading);
    case "server-memory":
      return readServerMemory(reading);
    case "beads":
      return readBeads(reading);
    default:
      return peer satisfies never;
  }
}
