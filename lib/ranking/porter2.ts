const VOWELS = "aeiouy";
const DOUBLES = new Set(["bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt"]);

/** Words that the rules would spoil, with the stem they get. */
const WHOLE_WORDS = new Map([
  ["skis", "ski"],
  ["skies", "sky"],
  ["dying", "die"],
  ["lying", "lie"],
  ["tying", "tie"],
  ["idly", "idl"],
  ["gently", "gentl"],
  ["ugly", "ugli"],
  ["early", "earli"],
  ["only", "onli"],
  ["singly", "singl"],
  ...["sky", "news", "howe", "atlas", "cosmos", "bias", "andes"].map((word) => [word, word] as const),
]);
const KEPT_AFTER_PLURAL = new Set([
  "inning",
  "outing",
  "canning",
  "herring",
  "earring",
  "proceed",
  "exceed",
  "succeed",
]);

type Ending = readonly [suffix: string, replacement: string];

/** Longest suffix first within each list: only the longest that fits is tried. */
const STEP_2: readonly Ending[] = [
  ["ational", "ate"],
  ["ization", "ize"],
  ["fulness", "ful"],
  ["ousness", "ous"],
  ["iveness", "ive"],
  ["tional", "tion"],
  ["biliti", "ble"],
  ["lessli", "less"],
  ["entli", "ent"],
  ["ation", "ate"],
  ["alism", "al"],
  ["aliti", "al"],
  ["ousli", "ous"],
  ["iviti", "ive"],
  ["fulli", "ful"],
  ["enci", "ence"],
  ["anci", "ance"],
  ["abli", "able"],
  ["izer", "ize"],
  ["ator", "ate"],
  ["alli", "al"],
  ["bli", "ble"],
  ["ogi", "og"],
  ["li", ""],
];
const STEP_3: readonly Ending[] = [
  ["ational", "ate"],
  ["tional", "tion"],
  ["alize", "al"],
  ["icate", "ic"],
  ["iciti", "ic"],
  ["ative", ""],
  ["ical", "ic"],
  ["ness", ""],
  ["ful", ""],
];
const STEP_4: readonly string[] = [
  "ement",
  "ance",
  "ence",
  "able",
  "ible",
  "ment",
  "ant",
  "ent",
  "ism",
  "ate",
  "iti",
  "ous",
  "ive",
  "ize",
  "ion",
  "al",
  "er",
  "ic",
];

/** The two regions of a word in which suffixes may be taken away: offsets into the word. */
interface Regions {
  readonly r1: number;
  readonly r2: number;
}

/**
 * The Porter2 ("English Snowball") stem of a word in `[a-z]`.
 * Source of the rules: M. Porter, "The English (Porter2) stemming algorithm", snowballstem.org.
 * Step 0 (apostrophes) is not here: the analyser has taken them away.
 */
export function porter2(word: string): string {
  if (word.length <= 2) return word;
  const whole = WHOLE_WORDS.get(word);
  if (whole !== undefined) return whole;
  const marked = markConsonantY(word);
  const regions = regionsOf(marked);
  const singular = withoutPlural(marked);
  if (KEPT_AFTER_PLURAL.has(singular)) return singular;
  let stem = withoutTense(singular, regions);
  stem = withFinalI(stem);
  stem = replaceEnding(stem, STEP_2, regions, mayReplace2);
  stem = replaceEnding(stem, STEP_3, regions, mayReplace3);
  stem = withoutStep4(stem, regions);
  stem = withoutFinalLetter(stem, regions);
  return stem.includes("Y") ? stem.toLowerCase() : stem;
}

function isVowel(letter: string | undefined): boolean {
  return letter !== undefined && VOWELS.includes(letter);
}

/** A `y` that starts a word or follows a vowel is a consonant, written `Y` while the rules run. */
function markConsonantY(word: string): string {
  if (!word.includes("y")) return word;
  let out = "";
  for (const letter of word) {
    const before = out.at(-1);
    out += letter === "y" && (before === undefined || isVowel(before)) ? "Y" : letter;
  }
  return out;
}

function regionsOf(word: string): Regions {
  const prefix = ["gener", "commun", "arsen"].find((start) => word.startsWith(start));
  const r1 = prefix === undefined ? afterVowelConsonant(word, 0) : prefix.length;
  return { r1, r2: afterVowelConsonant(word, r1) };
}

function afterVowelConsonant(word: string, from: number): number {
  let i = from;
  while (i < word.length && !isVowel(word[i])) i++;
  while (i < word.length && isVowel(word[i])) i++;
  return Math.min(i + 1, word.length);
}

function hasVowel(text: string): boolean {
  for (const letter of text) if (isVowel(letter)) return true;
  return false;
}

function endsInShortSyllable(word: string): boolean {
  const n = word.length;
  if (n === 2) return isVowel(word[0]) && !isVowel(word[1]);
  if (n < 2 || isVowel(word[n - 1]) || !isVowel(word[n - 2]) || isVowel(word[n - 3])) return false;
  return !"wxY".includes(word.charAt(n - 1));
}

/** Step 1a. */
function withoutPlural(word: string): string {
  if (!word.endsWith("s")) return word.endsWith("ied") ? withoutIes(word) : word;
  if (word.endsWith("sses")) return word.slice(0, -2);
  if (word.endsWith("ies")) return withoutIes(word);
  if (word.endsWith("us") || word.endsWith("ss")) return word;
  return hasVowel(word.slice(0, -2)) ? word.slice(0, -1) : word;
}

function withoutIes(word: string): string {
  return word.length > 4 ? word.slice(0, -2) : word.slice(0, -1);
}

/** Step 1b. */
function withoutTense(word: string, { r1 }: Regions): string {
  for (const suffix of ["eedly", "eed"]) {
    if (!word.endsWith(suffix)) continue;
    const at = word.length - suffix.length;
    return at >= r1 ? `${word.slice(0, at)}ee` : word;
  }
  const suffix = ["ingly", "edly", "ing", "ed"].find((ending) => word.endsWith(ending));
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  return hasVowel(stem) ? withRestoredEnd(stem, r1) : word;
}

function withRestoredEnd(stem: string, r1: number): string {
  const end = stem.slice(-2);
  if (end === "at" || end === "bl" || end === "iz") return `${stem}e`;
  if (DOUBLES.has(end)) return stem.slice(0, -1);
  return stem.length <= r1 && endsInShortSyllable(stem) ? `${stem}e` : stem;
}

/** Step 1c. */
function withFinalI(word: string): string {
  const last = word.at(-1);
  if ((last !== "y" && last !== "Y") || word.length < 3 || isVowel(word.at(-2))) return word;
  return `${word.slice(0, -1)}i`;
}

/** Steps 2 and 3: the longest suffix that fits, replaced if it lies in R1 and the step allows it. */
function replaceEnding(
  word: string,
  endings: readonly Ending[],
  regions: Regions,
  allowed: (suffix: string, before: string, at: number, regions: Regions) => boolean,
): string {
  for (const [suffix, replacement] of endings) {
    if (!word.endsWith(suffix)) continue;
    const at = word.length - suffix.length;
    if (at < regions.r1 || !allowed(suffix, word.charAt(at - 1), at, regions)) return word;
    return word.slice(0, at) + replacement;
  }
  return word;
}

function mayReplace2(suffix: string, before: string): boolean {
  if (suffix === "ogi") return before === "l";
  return suffix !== "li" || (before !== "" && "cdeghkmnrt".includes(before));
}

function mayReplace3(suffix: string, _before: string, at: number, { r2 }: Regions): boolean {
  return suffix !== "ative" || at >= r2;
}

function withoutStep4(word: string, { r2 }: Regions): string {
  const suffix = STEP_4.find((ending) => word.endsWith(ending));
  if (suffix === undefined) return word;
  const at = word.length - suffix.length;
  if (at < r2) return word;
  if (suffix === "ion" && !"st".includes(word.charAt(at - 1))) return word;
  return word.slice(0, at);
}

/** Step 5. */
function withoutFinalLetter(word: string, { r1, r2 }: Regions): string {
  const at = word.length - 1;
  const stem = word.slice(0, -1);
  if (word.endsWith("e")) return at >= r2 || (at >= r1 && !endsInShortSyllable(stem)) ? stem : word;
  return word.endsWith("ll") && at >= r2 ? stem : word;
}
