import fc from "fast-check";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { cutToTokens, estimateTokens, fitToBudget } from "../../../lib/ranking/budget.ts";
import { ONE_TOKEN_WORDS } from "../../../lib/ranking/common-words.ts";

const count = (text: string) => countTokens(text, { disallowedSpecial: new Set() });

const PROSE = `We moved the session store from memory to Redis because restarts logged everyone out. The migration kept
the old cookie name, so that nobody had to sign in again; tokens that were issued before the change stay valid for a
week. Please note: the health check doesn't touch Redis, and it shouldn't, since a slow cache must never take the whole
service down.`;
const CODE = `export function parseHeader(input: string): Header | undefined {
  const [name, ...rest] = input.split(":");
  if (name === undefined || rest.length === 0) return undefined;
  return { name: name.trim().toLowerCase(), value: rest.join(":").trim(), at: Date.now() };
}`;
const MARKDOWN = `# Rotate credentials\n\n- [x] create the **new** key (\`openssl rand -base64 32\`)\n- [ ] deploy\n
| step | owner |\n|---|---|\n| 1 | Ana |\n\n> See [the runbook](https://example.org/runbooks/keys#rotate).\n`;
const JSON_TEXT = JSON.stringify(
  Array.from({ length: 12 }, (_, i) => ({
    id: `0190a3${i}7-7abc-8def-9012-3c1c3ae90${i}1f`,
    ref: `pln_ab3c29x${i}`,
    kind: "plan",
    title: "Rotate the database credentials",
    score: 0.812345 - i / 100,
    date: "2026-02-14T09:30:00.000Z",
    why: { text: i + 1, semantic: 3, terms: ["rotate", "credentials"] },
  })),
);
const OTHER = [
  "今天我们决定把数据库迁移到新的服务器，请检查配置文件并运行所有的测试。",
  "今日はデータベースを移行することにしました。設定ファイルを確認してください。",
  "오늘은 데이터베이스를 옮기기로 결정했습니다. 설정 파일을 확인해 주세요.",
  "Сегодня мы решили перенести базу данных на другой сервер.",
  "Heute haben wir beschlossen, die größere Datenbank zu verschieben.",
  "Zdecydowaliśmy się dzisiaj przenieść bazę danych, ponieważ zespół się powiększa.",
  "👨‍👩‍👧‍👦 🏳️‍🌈 ✅ 🚀 ❤️ 👍🏽 🇩🇪 ⚠️ →",
  "z̸̧̛͓a̷̡l̵g̶o̴ \u0000\u0007\u001b[31mred\u001b[0m",
  "<|endoftext|> '; DROP TABLE users; -- $(jndi:ldap://x) %00%0d%0a ../../etc",
  "aHR0cHM6Ly9leGFtcGxlLm9yZy9hL2I/Yz1kJmU9ZiMxMjM0NTY3ODkwCg==",
  "deadbeef4f5c9a7e11d0b3c2a1908f7e6d5c4b3a29181706f5e4d3c2b1a09f8e",
  "\n\n\t\t   \n   501  51725 atuin         10 .                    \n",
];

describe("estimateTokens", () => {
  test("is not below the real count, nor far above it for English and JSON", () => {
    for (const [text, most] of [
      [PROSE, 1.3],
      [MARKDOWN, 1.45],
      [CODE, 1.5],
      [JSON_TEXT, 1.25],
    ] as const) {
      const ratio = estimateTokens(text) / count(text);
      expect(ratio).toBeGreaterThanOrEqual(1);
      expect(ratio).toBeLessThanOrEqual(most);
    }
  });

  test.each(OTHER)("is not below the real count of %j", (text) => {
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(count(text));
  });

  test("is not below the real count of mixed pieces of real text", () => {
    const words = [PROSE, CODE, MARKDOWN, JSON_TEXT, ...OTHER].flatMap((text) => text.match(/\S+\s*/g) ?? []);
    const unit = fc.constantFrom(...words);
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 80 }), (parts) => {
        const text = parts.join("");
        expect(estimateTokens(text)).toBeGreaterThanOrEqual(count(text));
      }),
    );
  });

  test("is not below the real count of random bytes as base64 and hex", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 300 }), (bytes) => {
        for (const encoding of ["base64", "hex"] as const) {
          const text = Buffer.from(bytes).toString(encoding);
          expect(estimateTokens(text) * 1.05).toBeGreaterThanOrEqual(count(text));
        }
      }),
    );
  });

  test("is not below the real count of rare signs beyond the basic plane, alone and as a cut", () => {
    const rare = fc
      .integer({ min: 0x10000, max: 0x10ffff })
      .filter((code) => code < 0x1f000 || code >= 0x1fb00);
    fc.assert(
      fc.property(fc.array(rare, { minLength: 1, maxLength: 60 }), (codes) => {
        const text = String.fromCodePoint(...codes);
        expect(estimateTokens(text)).toBeGreaterThanOrEqual(count(text));
        expect(count(cutToTokens(text, 40))).toBeLessThanOrEqual(40);
      }),
    );
    const cuneiform = String.fromCodePoint(...Array.from({ length: 300 }, (_, at) => 0x12000 + at));
    expect(estimateTokens(cuneiform)).toBeGreaterThanOrEqual(count(cuneiform));
  });

  test("is nothing for nothing", () => {
    expect(estimateTokens("")).toBe(0);
  });

  test("counts as one token only words that are one in every position and case", () => {
    for (const word of ONE_TOKEN_WORDS) {
      const title = word.charAt(0).toUpperCase() + word.slice(1);
      expect([word, ` ${word}`, title, ` ${title}`].map(count), word).toEqual([1, 1, 1, 1]);
    }
  });
});

describe("cutToTokens", () => {
  test("keeps a prefix within the budget, without half a pair, and as long as the budget allows", () => {
    const texts = fc.array(fc.constantFrom("😀", "word ", "longer-word", "\n", "数据", "x".repeat(30)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(texts, fc.nat(120), (parts, maxTokens) => {
        const text = parts.join("");
        const cut = cutToTokens(text, maxTokens);
        expect(text.startsWith(cut)).toBe(true);
        expect(cut.isWellFormed()).toBe(true);
        expect(estimateTokens(cut)).toBeLessThanOrEqual(maxTokens);
        if (estimateTokens(text) <= maxTokens) expect(cut).toBe(text);
      }),
    );
  });

  test("ends behind a white space where there is one", () => {
    const cut = cutToTokens("some plain words that follow each other ".repeat(20), 50);
    expect(cut.endsWith(" ")).toBe(true);
    expect(estimateTokens(cut)).toBeGreaterThan(40);
  });
});

describe("fitToBudget", () => {
  test("keeps from the front what fits, and says what it left out and what it costs", () => {
    expect(fitToBudget([3, 4, 5, 1], 8, (cost) => cost)).toEqual({ kept: [3, 4], omitted: 2, tokens: 7 });
    expect(fitToBudget([9, 1], 8, (cost) => cost)).toEqual({ kept: [], omitted: 2, tokens: 0 });
    expect(fitToBudget([], 8, () => 1)).toEqual({ kept: [], omitted: 0, tokens: 0 });
  });
});
