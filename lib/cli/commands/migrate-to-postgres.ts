import type { CliCommand } from "../command.ts";
import { defineMigration, runMigration } from "../store-migration.ts";

export const command: CliCommand = {
  define: defineMigration,
  examples: [
    "aiknowsys migrate-to-postgres --connection postgres://me@db.example/knowledge --dry-run",
    "aiknowsys migrate-to-postgres --connection postgres://me@db.example/knowledge",
  ],
  run: (call) => runMigration(call, "sqlite", "postgres"),
};
