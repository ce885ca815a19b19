/** Who is told what a text is made of, in the order of the text. */
export interface ScanVisitor {
  /** A plain word or number, without apostrophes; `origin` is how the text writes it. */
  readonly word: (word: string, origin: string) => void;
  /** Words joined by `_ - . / : @ …`, by a change of case, or letters mixed with digits. */
  readonly compound: (compound: string) => void;
  /** Two neighbouring signs of a script without spaces (one, where it stands alone), or a pictogram. */
  readonly gram: (gram: string) => void;
}

/** A run without spaces is taken in pieces of this many UTF-16 units. */
const MAX_RUN = 1024;

const SEPARATOR = 1;
const LOWER = 2;
const UPPER = 3;
const DIGIT = 4;
const JOINER = 5;
const APOSTROPHE = 6;
const OTHER_LETTER = 7;
const DENSE = 8;
const PICTOGRAM = 9;

const DENSE_SCRIPT =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー々]/u;
const LETTER = /[\p{L}\p{M}\p{N}]/u;
const PICTOGRAPH = /\p{Extended_Pictographic}/u;

/** Class of every UTF-16 unit; 0 = not asked for yet. Halves of pairs are classed by their code point instead. */
const classes = asciiClasses();

/** Walks a folded text once from left to right and names its words, compounds and dense-script pairs. */
export function scan(text: string, visitor: ScanVisitor): void {
  let at = 0;
  while (at < text.length) {
    const kind = classAt(text, at);
    if (isWordClass(kind)) at = scanWord(text, at, visitor);
    else if (kind === DENSE) at = scanDense(text, at, visitor);
    else {
      const width = widthAt(text, at);
      if (kind === PICTOGRAM) visitor.gram(text.slice(at, at + width));
      at += width;
    }
  }
}

interface Run {
  end: number;
  isCompound: boolean;
  hasApostrophe: boolean;
}

function scanWord(text: string, start: number, visitor: ScanVisitor): number {
  const run = runFrom(text, start);
  const raw = text.slice(start, run.end);
  const bare = run.hasApostrophe ? withoutApostrophes(raw) : raw;
  if (run.isCompound) {
    visitor.compound(bare);
    return run.end;
  }
  const sign = languageSign(text, start, run.end);
  const end = run.end + sign.width;
  visitor.word(bare + sign.spelled, sign.width === 0 ? raw : text.slice(start, end));
  return end;
}

function runFrom(text: string, start: number): Run {
  const run: Run = { end: start, isCompound: false, hasApostrophe: false };
  const limit = Math.min(text.length, start + MAX_RUN);
  let before = 0;
  let at = start;
  while (at < limit) {
    const kind = classAt(text, at);
    if (isWordClass(kind)) {
      run.isCompound ||= changes(text, before, kind, at);
      before = kind;
      at += widthAt(text, at);
      run.end = at;
      continue;
    }
    const next = afterJoiner(text, at, kind, before);
    if (next === 0) break;
    if (kind === APOSTROPHE) run.hasApostrophe = true;
    else {
      run.isCompound = true;
      before = 0;
    }
    at = next;
  }
  return run;
}

/** Whether a word changes its nature here: `aB`, `ABc`, `a1`, `1a`. */
function changes(text: string, before: number, kind: number, at: number): boolean {
  if (before === 0 || before === kind)
    return kind === UPPER && before === UPPER && startsCapitalised(text, at);
  if (before === UPPER && kind === LOWER) return false;
  return (before === LOWER && kind === UPPER) || before === DIGIT || kind === DIGIT;
}

/** An upper-case letter followed by a lower-case one that is more than a plural `s` (`HTMLParser`, not `URLs`). */
function startsCapitalised(text: string, at: number): boolean {
  if (classAt(text, at + 1) !== LOWER) return false;
  return text.charAt(at + 1) !== "s" || isWordClass(classAt(text, at + 2));
}

/** Where a run goes on after a joiner or apostrophe at `at`; 0 if it ends there. */
function afterJoiner(text: string, at: number, kind: number, before: number): number {
  if (kind === APOSTROPHE) {
    const isInside = before !== 0 && before !== DIGIT && isLetter(classAt(text, at + 1));
    return isInside ? at + 1 : 0;
  }
  if (kind !== JOINER) return 0;
  const isDoubled = text.charCodeAt(at + 1) === text.charCodeAt(at) && ":_-".includes(text.charAt(at));
  const next = at + (isDoubled ? 2 : 1);
  return isWordClass(classAt(text, next)) ? next : 0;
}

/** `++` after a short word and `#` after a single letter name languages: `C++` is `cpp`, `C#` is `csharp`. */
function languageSign(text: string, start: number, end: number): { width: number; spelled: string } {
  const length = end - start;
  if (length <= 3 && text.startsWith("++", end) && !isWordClass(classAt(text, end + 2))) {
    return { width: 2, spelled: "pp" };
  }
  if (length === 1 && text.startsWith("#", end) && !isWordClass(classAt(text, end + 1))) {
    return { width: 1, spelled: "sharp" };
  }
  return { width: 0, spelled: "" };
}

function scanDense(text: string, start: number, visitor: ScanVisitor): number {
  let before = start;
  let at = start + widthAt(text, start);
  if (classAt(text, at) !== DENSE) visitor.gram(text.slice(start, at));
  while (classAt(text, at) === DENSE) {
    const next = at + widthAt(text, at);
    visitor.gram(text.slice(before, next));
    before = at;
    at = next;
  }
  return at;
}

function withoutApostrophes(word: string): string {
  return word.replace(/'[sS]$/, "").replaceAll("'", "");
}

function isWordClass(kind: number): boolean {
  return (kind >= LOWER && kind <= DIGIT) || kind === OTHER_LETTER;
}

function isLetter(kind: number): boolean {
  return kind === LOWER || kind === UPPER || kind === OTHER_LETTER;
}

function classAt(text: string, at: number): number {
  if (at >= text.length) return SEPARATOR;
  const unit = text.charCodeAt(at);
  if (unit >= 0xd800 && unit <= 0xdfff) return classOf(String.fromCodePoint(text.codePointAt(at) ?? 0));
  const known = classes[unit] ?? 0;
  if (known !== 0) return known;
  const kind = classOf(String.fromCharCode(unit));
  classes[unit] = kind;
  return kind;
}

function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

function classOf(sign: string): number {
  if (DENSE_SCRIPT.test(sign)) return DENSE;
  if (LETTER.test(sign)) return OTHER_LETTER;
  return PICTOGRAPH.test(sign) ? PICTOGRAM : SEPARATOR;
}

function asciiClasses(): Uint8Array {
  const table = new Uint8Array(0x10000);
  table.fill(SEPARATOR, 0, 0x80);
  for (let i = 0; i < 26; i++) {
    table[0x41 + i] = UPPER;
    table[0x61 + i] = LOWER;
  }
  table.fill(DIGIT, 0x30, 0x3a);
  for (const joiner of "_-./\\:@&") table[joiner.charCodeAt(0)] = JOINER;
  table["'".charCodeAt(0)] = APOSTROPHE;
  return table;
}
