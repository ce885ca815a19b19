/** A seeded pseudo-random generator (mulberry32): numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * A vocabulary of English words from the embedding model's own word list (whole words of three letters and
 * more), in the list's order, which is about by frequency.
 */
export function realWords(modelVocabulary: readonly string[]): readonly string[] {
  return modelVocabulary.filter((word) => /^[a-z]{3,}$/.test(word));
}

/** Draws words with Zipf frequencies (exponent 1.07, as in English prose), identifiers and dates between them. */
export function textMaker(words: readonly string[], random: () => number): (length: number) => string {
  const cumulative = cumulativeZipf(words.length, 1.07);
  const word = (): string => words[pick(cumulative, random())] ?? "word";
  const special = [
    () => `${word()}_${word()}_${Math.floor(random() * 1_000)}`,
    () => `lib/${word()}/${word()}.ts`,
    () => `v${Math.floor(random() * 9)}.${Math.floor(random() * 30)}.${Math.floor(random() * 30)}`,
    () => `E${10_000 + Math.floor(random() * 9_000)}`,
    () => `2026-0${1 + Math.floor(random() * 9)}-1${Math.floor(random() * 10)}`,
  ];
  return (length) => {
    const out: string[] = [];
    for (let i = 0; i < length; i++)
      out.push(random() < 0.04 ? (special[Math.floor(random() * special.length)] ?? word)() : word());
    return out.join(" ");
  };
}

function cumulativeZipf(size: number, exponent: number): Float64Array {
  const cumulative = new Float64Array(size);
  let sum = 0;
  for (let rank = 0; rank < size; rank++) cumulative[rank] = sum += 1 / (rank + 2.7) ** exponent;
  for (let rank = 0; rank < size; rank++) cumulative[rank] = (cumulative[rank] ?? 0) / sum;
  return cumulative;
}

function pick(cumulative: Float64Array, at: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] ?? 1) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
