import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { expect, test } from "vitest";
import { isCommonPair, isCommonSign } from "../../../lib/ranking/letters.ts";

test("common signs of Chinese and Korean are one token each", () => {
  let common = 0;
  for (let code = 0x4e00; code <= 0xd7a3; code++) {
    const sign = String.fromCharCode(code);
    if (!isCommonSign(sign)) continue;
    common++;
    expect(countTokens(sign), sign).toBe(1);
  }
  expect(common).toBeGreaterThan(500);
});

test("knows which letters follow each other in English", () => {
  const pair = (text: string) => isCommonPair(text.charCodeAt(0), text.charCodeAt(1));
  expect(["th", "qu", "in", "ze"].map(pair)).toEqual([true, true, true, true]);
  expect(["qx", "zk", "jh", "vb"].map(pair)).toEqual([false, false, false, false]);
});
