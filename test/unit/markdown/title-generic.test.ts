import { expect, it } from "vitest";
import { readMetadata } from "../../../lib/markdown/metadata.ts";

it.each([
  ["text/0276-named-args.md", "# Summary\n\nWords.\n", "0276 named args"],
  ["changes/add-login/tasks.md", "# Tasks\n\n- [ ] one\n", "add login: tasks"],
  ["changes/add-login/design.md", "# Design\n", "add login: design"],
  ["text/harbour.md", "# Summary of the harbour\n", "Summary of the harbour"],
  ["plans/x.md", "# Overview of cranes\n", "Overview of cranes"],
])("a first heading that every document has gives way to the file's name: %s", (path, text, title) => {
  expect(readMetadata(path, text).title).toBe(title);
});
