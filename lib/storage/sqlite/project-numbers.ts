import { DEFAULT_TENANT, type ProjectId } from "../../domain/ids.ts";
import type { Database } from "./driver.ts";

/** A project by its small number, as the word index and the vectors' codes name it. */
export interface NumberedProject {
  readonly id: ProjectId;
  readonly number: number;
}

export interface ProjectNumbers {
  /** The project's number, or `undefined` while it has never had a passage. */
  find(project: ProjectId): number | undefined;
  /** The project's number, given now if it has none. Call inside a transaction only. */
  give(project: ProjectId): number;
  /** The projects that have a number, in the order asked for, each once; all of them when `projects` is empty. */
  list(projects: readonly ProjectId[]): readonly NumberedProject[];
  /** Forgets numbers given in a transaction that was rolled back. */
  discard(): void;
}

/** The table `project_numbers` with a memory in front: a number once committed never changes. */
export function openProjectNumbers(db: Database): ProjectNumbers {
  const known = new Map<ProjectId, number>();
  const find = (project: ProjectId) => {
    const remembered = known.get(project);
    if (remembered !== undefined) return remembered;
    const number = selectNumber(db, project);
    if (number !== undefined) known.set(project, number);
    return number;
  };
  return {
    find,
    give(project) {
      const number = find(project) ?? insertNumber(db, project);
      known.set(project, number);
      return number;
    },
    list(projects) {
      if (projects.length === 0) return selectAll(db);
      return [...new Set(projects)].flatMap((id) => {
        const number = find(id);
        return number === undefined ? [] : [{ id, number }];
      });
    },
    discard: () => known.clear(),
  };
}

function selectNumber(db: Database, project: ProjectId): number | undefined {
  const row = db
    .prepare("SELECT number FROM project_numbers WHERE tenant_id = ? AND project_id = ?")
    .get(DEFAULT_TENANT, project);
  return row === undefined ? undefined : Number(row.number);
}

function insertNumber(db: Database, project: ProjectId): number {
  return db
    .prepare("INSERT INTO project_numbers (tenant_id, project_id) VALUES (?, ?)")
    .run(DEFAULT_TENANT, project).lastInsertRowid;
}

function selectAll(db: Database): readonly NumberedProject[] {
  const rows = db
    .prepare("SELECT project_id, number FROM project_numbers WHERE tenant_id = ? ORDER BY number")
    .raw(DEFAULT_TENANT);
  // SAFETY: only ids of projects are written to the column.
  return rows.map(([id, number]) => ({ id: id as ProjectId, number: Number(number) }));
}
