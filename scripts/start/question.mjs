// A question that the indexed documents can answer, made from what is there.
import { askCli } from "./cli.mjs";

const KINDS = [
  { command: "query-plans", list: "plans", ask: (title) => `What does the plan "${title}" want to achieve?` },
  { command: "query-sessions", list: "sessions", ask: (title) => `What happened in "${title}"?` },
  { command: "query-patterns", list: "patterns", ask: (title) => `What does "${title}" say?` },
];

/** A question about the newest plan, else session, else pattern; nothing where the folder holds none. */
export async function questionFrom(folder) {
  for (const { command, list, ask } of KINDS) {
    const answer = await askCli([command, "--limit", "1", "--json"], folder);
    const title = answer?.[list]?.[0]?.title;
    if (title !== undefined) return ask(title);
  }
  return undefined;
}
