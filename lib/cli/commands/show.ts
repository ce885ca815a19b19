import type { Detail, DetailRequest } from "../../knowledge/detail.ts";
import type { CliCommand } from "../command.ts";
import { callerZone, renderMoment } from "../dates.ts";
import type { Output } from "../output.ts";
import { withStore } from "../store.ts";
import { asLine, padToColumns } from "../terminal-text.ts";

export const command: CliCommand = {
  define: (parser) => {
    parser
      .argument("<id>", "ref, slug or id of a plan, session, pattern or event")
      .option("--detail <level>", "preview, metadata, section, full (default)")
      .option("--section <heading>", "only the section under this heading")
      .option("--max-tokens <n>", "cut the text to about this many tokens")
      .option("--cursor <text>", "continue where a cut text ended");
  },
  examples: [
    "aiknowsys show PLAN_rework_login",
    "aiknowsys show pln_k3v9t2qa --section Decisions",
    "aiknowsys show ses_h4x7p2ma --detail preview --json",
  ],
  run: (call) =>
    withStore(call, async ({ deps, scope }) => {
      const { showDocument } = await import("../../knowledge/detail.ts");
      const [id = ""] = call.command.args;
      const detail = await showDocument(deps, scope, {
        ...call.command.opts<Omit<DetailRequest, "id">>(),
        id,
      });
      if (call.output.json) call.output.printJson(detail);
      else printDetail(call.output, detail);
      return 0;
    }),
};

/** Members that are the text itself, or of no use to people. */
const NOT_SHOWN = new Set([
  "id",
  "title",
  "summary",
  "content",
  "headings",
  "section",
  "tokens",
  "truncated",
  "nextCursor",
  "project",
  "contentHash",
  "slug",
  "ref",
  "kind",
  "data",
]);

function printDetail(output: Output, detail: Detail): void {
  const title = "title" in detail ? detail.title : detail.summary;
  const slug = "slug" in detail ? ` ${detail.slug}` : "";
  output.print(
    `${output.style("bold", asLine(title))}\n${detail.kind} ${output.style("cyan", detail.ref)}${slug}\n`,
  );
  const zone = callerZone(undefined);
  const facts = Object.entries(detail).flatMap(([key, value]) =>
    NOT_SHOWN.has(key) ? [] : renderFact(key, value, zone),
  );
  const width = Math.max(0, ...facts.map(([name]) => name.length));
  output.print(
    facts.map(([name, value]) => `${output.style("dim", padToColumns(name, width))}  ${value}`).join("\n"),
  );
  if ("data" in detail) output.printText(`\n${JSON.stringify(detail.data, null, 2)}`);
  if (detail.content !== undefined) {
    output.print("");
    output.printText(detail.content);
  }
  if (detail.headings !== undefined && detail.headings.length > 0) {
    output.note(`\nSections: ${detail.headings.map(asLine).join(" · ")}`);
  }
  if (detail.nextCursor !== undefined) output.note(`The text goes on: add --cursor ${detail.nextCursor}`);
}

/** A member as name and text; nothing for an empty one. */
function renderFact(key: string, value: unknown, zone: string): readonly (readonly [string, string])[] {
  const name = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const text = renderValue(value, zone);
  return text === "" ? [] : [[name, text]];
}

function renderValue(value: unknown, zone: string): string {
  if (typeof value === "string")
    return asLine(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? renderMoment(value, zone) : value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value))
    return value.map((item) => (isLink(item) ? renderLink(item) : renderValue(item, zone))).join(", ");
  return value === undefined || value === null ? "" : asLine(JSON.stringify(value));
}

interface Link {
  readonly rel: string;
  readonly target: string;
  readonly resolved?: string;
}

function isLink(value: unknown): value is Link {
  return typeof value === "object" && value !== null && "rel" in value && "target" in value;
}

function renderLink({ rel, target, resolved }: Link): string {
  return asLine(`${rel} ${target}${resolved === undefined ? "" : ` (${resolved})`}`);
}
