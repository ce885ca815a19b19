// A small folder of markdown such as a user has.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const FILES = {
  ".aiknowsys/plans/PLAN_token_rotation.md": `---
title: Rotate access tokens without downtime
status: ACTIVE
priority: high
topics: [auth, tokens]
---

# Rotate access tokens without downtime

A leaked token must be useless within minutes. Two tokens are valid side by side for one hour, so that no
client is cut off while it fetches the new one.

- [x] table for two generations
- [ ] endpoint that hands out the successor
`,
  ".aiknowsys/sessions/2026-02-14-session.md": `# Session: 2026-02-14

**Status:** complete

Measured the overlap: with thirty minutes two of forty clients were cut off, with an hour none.
`,
  "docs/adr/0001-queue-in-the-database.md": `# 1. Keep the job queue in the database

## Status

Accepted

## Decision

Jobs are rows. A worker claims one with SKIP LOCKED, and the backup holds the queue too.
`,
};

export function writeWorkspace(folder) {
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
