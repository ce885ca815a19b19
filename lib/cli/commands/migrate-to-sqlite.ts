import type { CliCommand } from "../command.ts";
import { defineMigration, runMigration } from "../store-migration.ts";

export const command: CliCommand = {
  define: defineMigration,
  examples: ["aiknowsys migrate-to-sqlite --connection postgres://me@db.example/knowledge --db knowledge.db"],
  run: (call) => runMigration(call, "postgres", "sqlite"),
};
