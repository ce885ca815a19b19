import { KnowledgeError } from "../../domain/error.ts";
import type { CliCommand } from "../command.ts";
import { loadSettings } from "../store.ts";

interface Options {
  readonly to?: string;
  readonly dryRun?: boolean;
  /** False with `--no-backup`. */
  readonly backup?: boolean;
}

export const command: CliCommand = {
  define: (parser) => {
    parser
      .option("--to <n>", "go to this schema version (default: the newest)")
      .option("--dry-run", "only say what would be done")
      .option("--no-backup", "change the schema without backing the store up first");
  },
  examples: ["aiknowsys migrate --dry-run", "aiknowsys migrate"],
  run: async (call) => {
    const { to, dryRun, backup = true } = call.command.opts<Options>();
    const wanted = {
      ...(to !== undefined && { to: parseVersion(to) }),
      ...(dryRun !== undefined && { dryRun }),
    };
    const { compose } = await import("../../compose.ts");
    const { migrateStore } = await import("../../knowledge/migrate.ts");
    const { deps, close } = await compose(await loadSettings(call), {
      thread: "inline",
      migrate: false,
      backup,
    });
    try {
      const report = await migrateStore(deps, wanted);
      const { from, applied } = report;
      if (call.output.json) call.output.printJson(report);
      else if (applied.length === 0)
        call.output.print(`The schema is at version ${from}; nothing needs to be done.`);
      else {
        call.output.print(`${dryRun === true ? "Would go" : "Went"} from version ${from} to ${report.to}:`);
        call.output.print(applied.map((name) => `  ${name}`).join("\n"));
      }
      return 0;
    } finally {
      await close();
    }
  },
};

function parseVersion(text: string): number {
  const version = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (version >= 1) return version;
  throw new KnowledgeError(
    "invalid_input",
    `--to is "${text.slice(0, 40)}", which is not a schema version.`,
    {
      field: "to",
      hint: "Give a whole number of 1 or more, or leave --to out for the newest.",
    },
  );
}
