/** The known name that a mistyped one most likely means, or `undefined` when none is near. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  const word = typed.toLowerCase();
  const ranked = names
    .map((name) => ({ name, distance: distanceTo(word, name) }))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  const best = ranked[0];
  // A third of the letters may be wrong: beyond that a suggestion is a guess.
  return best !== undefined && best.distance <= Math.max(1, Math.floor(word.length / 3))
    ? best.name
    : undefined;
}

/** Edits (insert, delete, replace, swap of neighbours) from one word to the other; 0 when one begins the other. */
function distanceTo(a: string, b: string): number {
  if (a.length >= 3 && b.startsWith(a)) return 0;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const at = (di: number, dj: number): number => (di === 0 ? row[j - dj] : rows[i - di]?.[j - dj]) ?? 0;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          at(1, 0) + 1,
          at(0, 1) + 1,
          at(1, 1) + cost,
          swapped ? at(2, 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
