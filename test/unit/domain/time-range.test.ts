import { describe, expect, it } from "vitest";
import {
  dayOf,
  parseAfter,
  parseBefore,
  parseTimeSpan,
  parseTimezone,
} from "../../../lib/domain/time-range.ts";

const now = Date.parse("2026-03-31T22:30:00Z");
const utc = { nowMs: now, timezone: "UTC" };
const berlin = { nowMs: now, timezone: "Europe/Berlin" };
const iso = (ms: number): string => new Date(ms).toISOString();
const span = (text: string, context = utc): readonly string[] => {
  const { startMs, endMs } = parseTimeSpan("after", text, context);
  return [iso(startMs), iso(endMs)];
};

describe("parseTimeSpan", () => {
  it.each([
    ["today", "2026-03-31T00:00:00.000Z", "2026-04-01T00:00:00.000Z"],
    ["Yesterday", "2026-03-30T00:00:00.000Z", "2026-03-31T00:00:00.000Z"],
    ["this week", "2026-03-30T00:00:00.000Z", "2026-04-01T00:00:00.000Z"],
    ["last week", "2026-03-24T00:00:00.000Z", "2026-04-01T00:00:00.000Z"],
    ["last-month", "2026-03-01T00:00:00.000Z", "2026-04-01T00:00:00.000Z"],
    ["3 days ago", "2026-03-28T00:00:00.000Z", "2026-03-29T00:00:00.000Z"],
    ["2026-02-14", "2026-02-14T00:00:00.000Z", "2026-02-15T00:00:00.000Z"],
    ["2026-02", "2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"],
    ["2026-02-14T09:30:00+02:00", "2026-02-14T07:30:00.000Z", "2026-02-14T07:30:00.001Z"],
  ])("reads %s", (text, start, end) => {
    expect(span(text)).toEqual([start, end]);
  });

  it("begins a day at midnight of the caller's zone, also on the day the clock changes", () => {
    expect(span("today", berlin)).toEqual(["2026-03-31T22:00:00.000Z", "2026-04-01T22:00:00.000Z"]);
    expect(span("2026-03-29", berlin)).toEqual(["2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"]);
  });

  it.each(["soon", "2026-13-01", "2026-02-30", "14.2.2026", "", "2026-02-14T25:00:00Z"])(
    "refuses %j with the valid forms",
    (text) => {
      expect(() => span(text)).toThrow(
        expect.objectContaining({
          code: "invalid_input",
          field: "after",
          valid: expect.arrayContaining(["yesterday"]),
        }),
      );
    },
  );
});

it("takes the start for after, the end of a day and the moment itself for before", () => {
  expect(parseAfter("after", "2026-02-14", utc)).toBe("2026-02-14T00:00:00.000Z");
  expect(parseBefore("before", "2026-02-14", utc)).toBe("2026-02-15T00:00:00.000Z");
  expect(parseBefore("before", "2026-02-14T10:00:00Z", utc)).toBe("2026-02-14T10:00:00.000Z");
});

it("names the calendar day in a zone", () => {
  expect(dayOf(now, "UTC")).toBe("2026-03-31");
  expect(dayOf(now, "Europe/Berlin")).toBe("2026-04-01");
});

it("refuses an unknown zone", () => {
  expect(() => parseTimezone("Mars/Olympus")).toThrow(
    expect.objectContaining({ code: "invalid_input", field: "timezone" }),
  );
});
