import { readProjectIdentity } from "../knowledge/project-identity.ts";
import type { Output } from "./output.ts";
import type { Opened } from "./store.ts";
import { type Column, renderTable } from "./table.ts";

/** One page of a list, as the use cases of `query` answer it. */
export interface ListAnswer<Row> {
  readonly count: number;
  readonly countExact: boolean;
  readonly rows: readonly Row[];
  readonly nextCursor?: string | undefined;
}

/** Prints a page as a table; how many there are and how to go on is a note beside it. */
export function printPage<Row>(
  output: Output,
  opened: Pick<Opened, "scope" | "config">,
  answer: ListAnswer<Row>,
  view: {
    readonly one: string;
    readonly many: string;
    readonly columns: readonly Column<Row>[];
    readonly widen: string;
  },
): void {
  const { rows, count, countExact, nextCursor } = answer;
  if (rows.length === 0) {
    output.note(whyEmpty(opened) ?? `No ${view.many} match. ${view.widen}`);
    return;
  }
  const emphasise = (text: string): string => output.style("bold", text);
  output.print(renderTable(view.columns, rows, { width: output.width, emphasise }));
  const total = countExact ? String(count) : `more than ${count}`;
  const said =
    rows.length === count
      ? `${total} ${count === 1 ? view.one : view.many}.`
      : `${rows.length} of ${total} ${view.many}.`;
  output.note(nextCursor === undefined ? said : `${said} For the next page add --cursor ${nextCursor}`);
}

/** Why nothing can be found here at all, or `undefined` when there is a project to look at. */
export function whyEmpty({ scope, config }: Pick<Opened, "scope" | "config">): string | undefined {
  if (scope.projects.length > 0) return undefined;
  if (config.allProjects)
    return "The store holds no project yet: run `aiknowsys index` in a project's folder.";
  return readProjectIdentity(config.cwd, config.userHome) === undefined
    ? "This folder is no project. Go to a project's folder, or name a project with --project."
    : "This folder is not indexed yet: run `aiknowsys index`.";
}
