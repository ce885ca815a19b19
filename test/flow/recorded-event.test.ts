import { expect, it } from "vitest";
import { queryEvents } from "../../lib/knowledge/query.ts";
import { recordEvents } from "../../lib/knowledge/record-event.ts";
import { openWorkbench } from "../helpers/knowledge.ts";

const ODD = "tide\u0000 and \ud800 swell \r\n  ebb";

it("answers with what a later query gives, character for character", async () => {
  const { deps, project, scope } = await openWorkbench();
  const [first] = await recordEvents(deps, project, [{ type: "note", data: { text: "moor first" } }]);
  const recorded = await recordEvents(deps, project, [
    { type: "note", data: { text: "plain" } },
    {
      type: "decision_made",
      data: { decision: ODD, nested: { list: [ODD, 1.5, null, true] }, "odd\u0000key": 1 },
      summary: ODD,
      tags: [ODD, "Harbour"],
      files: [ODD],
      author: ODD,
      agent: ODD,
      commit: ODD,
      occurredAt: "2026-02-03T04:05:06.789+02:00",
      supersedes: first?.ref,
    },
    { type: "note", data: '{"text": "as JSON text", "count": -0}' },
  ]);
  const { events } = await queryEvents(deps, scope, { limit: 10 });
  const byId = new Map(events.map((event) => [event.id, event]));
  expect(recorded).toHaveLength(3);
  for (const event of recorded) expect(event).toStrictEqual(byId.get(event.id));
});
