import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createOutput, wantsColour } from "../../../lib/cli/output.ts";
import { speedOf, startProgress } from "../../../lib/cli/progress.ts";
import { fakeDoor } from "./fake-door.ts";

describe("colours", () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    [{ NO_COLOR: "" }, true, true],
    [{ FORCE_COLOR: "1" }, false, true],
    [{ FORCE_COLOR: "0" }, true, false],
    [{ TERM: "dumb" }, true, false],
  ])("with %j and terminal=%s: %s", (env, terminal, wanted) => {
    expect(wantsColour(env, terminal)).toBe(wanted);
  });

  it("mark a word on a terminal and leave it plain elsewhere", () => {
    const terminal = createOutput(fakeDoor({ columns: 80 }).door, { json: false, quiet: false });
    const pipe = createOutput(fakeDoor().door, { json: false, quiet: false });
    expect(terminal.style("bold", "word")).toBe("\u001b[1mword\u001b[22m");
    expect(pipe.style("bold", "word")).toBe("word");
  });
});

describe("output", () => {
  it("puts results on stdout and notes on stderr", () => {
    const { door, said } = fakeDoor();
    const output = createOutput(door, { json: false, quiet: false });
    output.print("result");
    output.note("note");
    expect(said).toEqual({ out: "result\n", err: "note\n" });
  });

  it("says nothing beside the result when quiet, but does say why it failed", () => {
    const { door, said } = fakeDoor();
    const output = createOutput(door, { json: false, quiet: true });
    output.note("note");
    output.fail("failure");
    expect(said.err).toBe("failure\n");
  });

  it("prints a document's text unchanged into a pipe and harmless on a terminal", () => {
    const text = "a\u001b[31mb\r\nc";
    const pipe = fakeDoor();
    createOutput(pipe.door, { json: false, quiet: false }).printText(text);
    expect(pipe.said.out).toBe(`${text}\n`);
    const terminal = fakeDoor({ columns: 80 });
    createOutput(terminal.door, { json: false, quiet: false }).printText(text);
    expect(terminal.said.out).toBe("a\ufffd[31mb\nc\n");
  });

  it("prints JSON on one line into a pipe", () => {
    const { door, said } = fakeDoor();
    createOutput(door, { json: true, quiet: false }).printJson({ a: [1] });
    expect(said.out).toBe('{"a":[1]}\n');
  });
});

describe("progress", () => {
  // The bar draws at most ten times a second: the tests move its clock.
  beforeEach(() => void vi.useFakeTimers({ now: 0 }));
  afterEach(() => void vi.useRealTimers());

  it("is a line every few seconds off a terminal", async () => {
    const { door, said, clock } = fakeDoor();
    const progress = await startProgress(door, createOutput(door, { json: false, quiet: false }), {
      label: "Vectors",
    });
    for (const ms of [100, 2_900, 3_100, 4_000, 6_200]) {
      clock.ms = ms;
      progress.update(ms / 100, 100);
    }
    progress.stop();
    expect(said.err).toBe("Vectors: 31 of 100, 10/s, 7 s left\nVectors: 62 of 100, 10/s, 4 s left\n");
  });

  it("is nothing when quiet", async () => {
    const { door, said, clock } = fakeDoor();
    const progress = await startProgress(door, createOutput(door, { json: false, quiet: true }), {
      label: "Vectors",
    });
    clock.ms = 10_000;
    progress.update(1, 2);
    expect(said.err).toBe("");
  });

  it("is a bar on a terminal, within its width", async () => {
    const { door, said, clock } = fakeDoor({ columns: 80 });
    const output = createOutput(door, { json: false, quiet: false });
    const progress = await startProgress(door, output, { label: "Vectors" });
    progress.update(0, 100);
    clock.ms = 1_000;
    vi.setSystemTime(1_000);
    progress.update(50, 100);
    progress.stop();
    const drawn = stripVTControlCharacters(said.err);
    expect(drawn).toContain("Vectors  ████████████░░░░░░░░░░░░ 50%  50/100  50/s, 1 s left");
    for (const line of drawn.split(/[\r\n]|(?=Vectors)/)) expect(line.length).toBeLessThanOrEqual(80);
    expect(said.err).not.toContain("\u001b[?25l");
  });

  it("is no bar when the first report comes after the end", async () => {
    const { door, said } = fakeDoor({ columns: 80 });
    const output = createOutput(door, { json: false, quiet: false });
    const progress = await startProgress(door, output, { label: "Vectors" });
    progress.stop();
    progress.update(60, 100);
    expect(said.err).toBe("");
  });

  it("is no bar on a terminal when quiet", async () => {
    const { door, said } = fakeDoor({ columns: 80 });
    const output = createOutput(door, { json: false, quiet: true });
    const progress = await startProgress(door, output, { label: "Vectors" });
    progress.update(0, 100);
    progress.stop();
    expect(said.err).toBe("");
  });

  it("ends at an interruption", async () => {
    const { door, said } = fakeDoor({ columns: 80 });
    const controller = new AbortController();
    const output = createOutput(door, { json: false, quiet: false });
    const progress = await startProgress(door, output, { label: "Vectors", signal: controller.signal });
    progress.update(0, 100);
    controller.abort();
    said.err = "";
    vi.setSystemTime(60_000);
    progress.update(1, 100);
    expect(said.err).toBe("");
  });

  it("says speed and rest time in words", () => {
    expect(speedOf(0, 10, 500)).toBe("starting");
    expect(speedOf(5, 1_000, 1_000)).toBe("5.0/s, 3 min left");
    expect(speedOf(100, 30_000, 1_000)).toBe("100/s, 5 min left");
    expect(speedOf(1, 30_000, 1_000)).toBe("1.0/s, 8.3 h left");
    expect(speedOf(10, 10, 1_000)).toBe("10/s");
  });
});

describe("a note", () => {
  it("is broken between words on a terminal, but for what is indented", () => {
    const { door, said } = fakeDoor({ columns: 20 });
    const output = createOutput(door, { json: false, quiet: false });
    output.note("\nshort\nsome words that are too wide\n  indented and just as wide");
    expect(said.err).toBe("\nshort\nsome words that are\ntoo wide\n  indented and just as wide\n");
  });
});
