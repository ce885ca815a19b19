/** Letters that Unicode does not decompose, as people without that key write them. */
const SPELLED_OUT = new Map([
  ["ß", "ss"],
  ["ẞ", "Ss"],
  ["æ", "ae"],
  ["Æ", "Ae"],
  ["œ", "oe"],
  ["Œ", "Oe"],
  ["ø", "o"],
  ["Ø", "O"],
  ["ł", "l"],
  ["Ł", "L"],
  ["đ", "d"],
  ["Đ", "D"],
  ["ð", "d"],
  ["Ð", "D"],
  ["þ", "th"],
  ["Þ", "Th"],
  ["ı", "i"],
  ["ς", "σ"],
  ["’", "'"],
  ["‘", "'"],
]);
const ONLY_ASCII = /^[\0-\x7f]*$/;
const LATIN_1 = /^[\0-\xff]*$/;
const SPELLED = new RegExp(`[${[...SPELLED_OUT.keys()].join("")}]`, "g");
/** Latin, Greek and Cyrillic accents; vowel points of Hebrew and Arabic; soft hyphen and zero-width signs. */
const DROPPED = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u00ad\u200b-\u200d\u2060\ufeff]/g;
const MARK = /\p{M}/u;
/** Normalisation sorts a run of marks in quadratic time, so longer runs are cut first. */
const MAX_MARKS = 8;
const LONG_MARK_RUN = /\p{M}{9}/u;

/**
 * Text in the one spelling that terms are made from: NFKC, accents of Latin, Greek and Cyrillic taken off,
 * `ß æ ø …` spelled out. Case is kept, since identifiers are split by it.
 */
export function fold(text: string): string {
  if (ONLY_ASCII.test(text)) return text;
  const cut = !LATIN_1.test(text) && LONG_MARK_RUN.test(text) ? withShortMarkRuns(text) : text;
  const bare = cut.normalize("NFKD").replace(DROPPED, "").normalize("NFC");
  return bare.replace(SPELLED, (letter) => SPELLED_OUT.get(letter) ?? letter);
}

/** By hand: a regular expression that matches such a run whole exhausts its stack on a long one. */
function withShortMarkRuns(text: string): string {
  const kept: string[] = [];
  let marks = 0;
  for (const sign of text) {
    marks = MARK.test(sign) ? marks + 1 : 0;
    if (marks <= MAX_MARKS) kept.push(sign);
  }
  return kept.join("");
}
