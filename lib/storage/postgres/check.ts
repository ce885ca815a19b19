import { KINDS, type ProjectId } from "../../domain/ids.ts";
import type { Finding } from "../contract/upkeep.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { brokenSeals } from "./changes.ts";
import type { Client, Database } from "./driver.ts";
import { checkWritten } from "./history-check.ts";
import { countLacking } from "./revisions.ts";

/** What is wrong with the rows of truth; [] when nothing is. */
export async function checkStore(
  database: Database,
  projects: readonly ProjectId[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const kind of KINDS) findings.push(...(await database.read((client) => checkHistory(client, kind))));
  findings.push(...(await checkWritten(database)));
  for (const project of projects)
    findings.push(...(await database.read((client) => checkSeals(client, project))));
  return findings;
}

async function checkHistory(client: Client, kind: (typeof KINDS)[number]): Promise<readonly Finding[]> {
  const { table } = SHAPES[kind];
  const bodies = await countLacking(client, kind, "revisions");
  const lines = await countLacking(client, kind, "changes");
  return [
    ...(bodies > 0 ? [warning(`${bodies} ${table} have no kept body of their newest revision.`)] : []),
    ...(lines > 0 ? [warning(`${lines} ${table} have no change line for their newest revision.`)] : []),
  ];
}

async function checkSeals(client: Client, project: ProjectId): Promise<readonly Finding[]> {
  return (await brokenSeals(client, project)).map(({ fromSeq, toSeq }) => ({
    severity: "error",
    what: `The changes ${fromSeq} to ${toSeq} of project ${project} are not what was sealed.`,
    advice: "Somebody edited the change log: compare it with a backup.",
  }));
}

function warning(what: string): Finding {
  return { severity: "warning", what, advice: "History is incomplete: of these rows less can be proved." };
}
