// Basic tokenisation of uncased BERT: text becomes lower-case words without accents, each punctuation mark and each
// Chinese character a word of its own.

const ACCENT = /\p{Mn}/gu;
const SPACE = /\p{White_Space}/u;
const CONTROL = /\p{C}/u;
const PUNCTUATION = /\p{P}/u;
const FIRST_BEYOND_ASCII = 0x80;

/** Blocks of ideographs that BERT sets apart, as [first, last]. */
const IDEOGRAPHS: readonly (readonly [number, number])[] = [
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xf900, 0xfaff],
  [0x20000, 0x2a6df],
  [0x2a700, 0x2b73f],
  [0x2b740, 0x2b81f],
  [0x2b820, 0x2ceaf],
  [0x2f800, 0x2fa1f],
];

type Kind = "dropped" | "space" | "alone" | "letter";

/** The words of a text in order, for the model's tokenizer (search has an analyser of its own). */
export function* splitWords(text: string): Generator<string> {
  let word = "";
  for (const character of withoutAccents(text)) {
    const kind = kindOf(character);
    if (kind === "letter") {
      word += character;
      continue;
    }
    if (kind === "dropped") continue;
    if (word !== "") yield word;
    word = "";
    if (kind === "alone") yield character;
  }
  if (word !== "") yield word;
}

/** Lower-casing can bring a new combining mark ("İ"), hence the second decomposition. */
function withoutAccents(text: string): string {
  return text.normalize("NFD").toLowerCase().normalize("NFD").replace(ACCENT, "");
}

function kindOf(character: string): Kind {
  const code = character.codePointAt(0) ?? 0;
  if (code < FIRST_BEYOND_ASCII) return asciiKind(code);
  if (code === 0xfffd) return "dropped";
  if (CONTROL.test(character)) return "dropped";
  if (SPACE.test(character)) return "space";
  return isIdeograph(code) || PUNCTUATION.test(character) ? "alone" : "letter";
}

/** In ASCII every sign that is no letter and no digit counts as punctuation ("$", "+", "~" too). */
function asciiKind(code: number): Kind {
  if (code === 9 || code === 10 || code === 13 || code === 32) return "space";
  if (code < 32 || code === 127) return "dropped";
  const isDigit = code >= 48 && code <= 57;
  const isLower = code >= 97 && code <= 122;
  const isUpper = code >= 65 && code <= 90;
  return isDigit || isLower || isUpper ? "letter" : "alone";
}

function isIdeograph(code: number): boolean {
  return code >= 0x3400 && IDEOGRAPHS.some(([first, last]) => code >= first && code <= last);
}
