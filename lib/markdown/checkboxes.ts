import { scanBlocks } from "./block-lines.ts";
import { sectionsOf } from "./sections.ts";

/** A task that somebody has not ticked off yet. */
export interface OpenTask {
  readonly text: string;
  /** 1-based line of the body. */
  readonly line: number;
  /** The heading it stands under. */
  readonly section?: string;
}

const OPEN_BOX = /^[ \t]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)+\[ \][ \t]+(\S.*)$/;

/** The unticked `- [ ]` items of a body, in order; what stands in code, comments and quotes is none. */
export function openTasks(body: string): OpenTask[] {
  const { lines } = scanBlocks(body);
  const sections = sectionsOf(body, lines);
  const tasks: OpenTask[] = [];
  let at = 0;
  for (const line of lines) {
    while ((sections[at]?.ownEnd ?? body.length) <= line.start && at < sections.length - 1) at++;
    if (line.kind !== "item") continue;
    const text = OPEN_BOX.exec(body.slice(line.start, line.end))?.[1]?.trimEnd();
    if (text === undefined) continue;
    const section = sections[at]?.heading;
    tasks.push({ text, line: line.number, ...(section !== undefined && section !== "" && { section }) });
  }
  return tasks;
}
