import { describe, expect, it } from "vitest";
import { deleteRow } from "../../lib/knowledge/delete-row.ts";
import { showDocument } from "../../lib/knowledge/detail.ts";
import { recordEvent } from "../../lib/knowledge/record-event.ts";
import { createPlan } from "../../lib/knowledge/write-plan.ts";
import { openWorkbench } from "../helpers/knowledge.ts";

describe("a request for a document that is not there", () => {
  it.each([
    ["detail", { detail: "bla" }],
    ["section", { section: " " }],
    ["maxTokens", { maxTokens: "40" }],
    ["cursor", { cursor: "x" }],
  ])("is refused for its %s first", async (field, request) => {
    const { deps, scope } = await openWorkbench();
    await expect(showDocument(deps, scope, { id: "nothing", ...request })).rejects.toMatchObject({
      code: "invalid_input",
      field,
    });
  });

  it("is refused for its revision first when it shall be deleted", async () => {
    const { deps, scope } = await openWorkbench();
    await expect(deleteRow(deps, scope, { id: "nothing", revision: "x" })).rejects.toMatchObject({
      code: "invalid_input",
      field: "revision",
    });
  });
});

describe("the cursor of a document", () => {
  it("is refused when it is another's", async () => {
    const { deps, scope, project } = await openWorkbench();
    const { ref } = await createPlan(deps, project, { title: "Pier", content: "# Pier\n\nforty piles\n" });
    const foreign = { code: "invalid_input", message: "The cursor does not belong to this document." };
    for (const cursor of ["c999", "d1"])
      await expect(showDocument(deps, scope, { id: ref, cursor })).rejects.toMatchObject(foreign);
    expect(await showDocument(deps, scope, { id: ref, cursor: "c8" })).toMatchObject({
      content: "forty piles\n",
    });
    const event = await recordEvent(deps, project, { type: "note", data: { text: "a" } });
    expect(await showDocument(deps, scope, { id: event.ref, cursor: "d1" })).toMatchObject({ kind: "event" });
  });
});
