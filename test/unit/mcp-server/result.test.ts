import { describe, expect, it } from "vitest";
import { KnowledgeError } from "../../../lib/domain/error.ts";
import { errorResult } from "../../../mcp-server/result.ts";

const silent = (): void => undefined;
const LOG = { debug: silent, info: silent, warn: silent, error: silent };

function textOf(message: string, hint: string): string {
  const { content } = errorResult(new KnowledgeError("invalid_input", message, { hint }), LOG);
  return content[0]?.type === "text" ? content[0].text : "";
}

describe("an error over MCP", () => {
  it("names arguments and tools as this door does", () => {
    expect(
      textOf(
        'updatedAfter is "x" and updatedBefore is "y".',
        "Give replaceSection; look it up with search or query-plans, read it with show.",
      ),
    ).toBe(
      'Error (invalid_input): updated_after is "x" and updated_before is "y".\nGive replace_section; look it up with semantic_search or query_plans, read it with get_document.',
    );
  });

  it("says once how a thing is called here where the command line calls it otherwise", () => {
    expect(textOf("No.", "Create one with create-session (over MCP: create_session).")).toContain(
      "Create one with create_session.",
    );
    expect(textOf("No.", "Name a project with --project (over MCP: the argument project).")).toContain(
      "Name a project with the argument project.",
    );
  });
});
