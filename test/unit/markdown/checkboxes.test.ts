import { expect, it } from "vitest";
import { openTasks } from "../../../lib/markdown/checkboxes.ts";

it("lists the unticked boxes with line and section, in every kind of list", () => {
  const body =
    "- [ ] top\n\n# A\n\n- [x] done\n* [ ] star\n  + [ ] nested  \n1. [ ] first\n2) [ ] second\n## B\n- [X] no\n- [ ] `last` *one*\n";
  expect(openTasks(body)).toEqual([
    { text: "top", line: 1 },
    { text: "star", line: 6, section: "A" },
    { text: "nested", line: 7, section: "A" },
    { text: "first", line: 8, section: "A" },
    { text: "second", line: 9, section: "A" },
    { text: "`last` *one*", line: 12, section: "B" },
  ]);
});

it("finds none in fences, comments, indented code, quotes and words", () => {
  const body =
    "```\n- [ ] a\n```\n\n<!--\n- [ ] b\n-->\n\n    - [ ] c\n\n> - [ ] d\n\n[ ] e\n- [ ]\n- [ ]f\n-[ ] g\n- [](h)\n";
  expect(openTasks(body)).toEqual([]);
});
