/**
 * A value as RFC 8785 canonical JSON: keys sorted by UTF-16 code units, no white space, absent
 * (`undefined`) members left out. Equal values give equal text, so its hash identifies content.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  // Written here and not by way of a sorted object: objects list keys such as "10" before all others.
  const members: string[] = [];
  for (const [key, member] of Object.entries(value).sort(byKey)) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join()}}`;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
