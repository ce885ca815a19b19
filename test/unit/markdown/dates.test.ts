import { describe, expect, it } from "vitest";
import { dateInPath, readDate } from "../../../lib/markdown/dates.ts";

describe("readDate", () => {
  it.each([
    ["2026-02-14", "2026-02-14"],
    ["2026/2/4", "2026-02-04"],
    ["2026.02.14", "2026-02-14"],
    ["20260214", "2026-02-14"],
    ["Feb 14, 2026", "2026-02-14"],
    ["February 14th 2026", "2026-02-14"],
    ["Sept. 1, 2025", "2025-09-01"],
    ["14 February 2026", "2026-02-14"],
    ["14th of Feb, 2026", "2026-02-14"],
    ["14-Feb-2026", "2026-02-14"],
    ["Saturday, February 14, 2026", "2026-02-14"],
    ["14.02.2026", "2026-02-14"],
    ["02/14/2026", "2026-02-14"],
    ["14/02/2026", "2026-02-14"],
    ["2026年2月14日", "2026-02-14"],
    ["~2026-02-14 (current session)", "2026-02-14"],
    ["2024-02-29", "2024-02-29"],
    ["2026-02-14T10:30:00Z", "2026-02-14T10:30:00.000Z"],
    ["2026-02-14T10:30:00.123+02:00", "2026-02-14T08:30:00.123Z"],
    ["2026-02-14T23:30:00-0500", "2026-02-15T04:30:00.000Z"],
    ["2026-02-14 10:30", "2026-02-14T10:30:00.000Z"],
    ["Feb 13, 2026, 11:11 PM", "2026-02-13T23:11:00.000Z"],
    ["Feb 13, 2026 at 12:05 am", "2026-02-13T00:05:00.000Z"],
    ["2026-02-14 99:30", "2026-02-14"],
  ])("reads %j", (raw, iso) => {
    expect(readDate(raw)).toEqual({ kind: "date", iso });
  });

  it.each(["", "-", "TBD", "unknown", "(current time)", "~14:00", "N/A", "Not yet", "In progress"])(
    "takes %j for no date",
    (raw) => {
      expect(readDate(raw)).toEqual({ kind: "none" });
    },
  );

  it.each([
    ["2026-02-30", "no day of the calendar"],
    ["2026-13-01", "no day of the calendar"],
    ["0000-00-00", "no day of the calendar"],
    ["03/04/2026", "two different days"],
    ["yesterday", "no date that can be read"],
    ["2026-02-141", "no date that can be read"],
  ])("calls %j malformed", (raw, reason) => {
    expect(readDate(raw)).toMatchObject({ kind: "malformed", reason: expect.stringContaining(reason) });
  });
});

describe("dateInPath", () => {
  it.each([
    ["sessions/2026-02-14-session.md", "2026-02-14"],
    ["logs/20260214.md", "2026-02-14"],
    ["changes/archive/2025-10-22-add-x/tasks.md", "2025-10-22"],
    ["2024-01-01/2025-01-01-a.md", "2025-01-01"],
    ["PLAN_test_plan_1770756464136.md", undefined],
    ["2026-02-31.md", undefined],
    ["v2.20260214.md", undefined],
    ["plan.md", undefined],
  ])("reads %j", (path, iso) => {
    expect(dateInPath(path)).toBe(iso);
  });
});
