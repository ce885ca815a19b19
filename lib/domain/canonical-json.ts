/**
 * A value as RFC 8785 canonical JSON: keys sorted by UTF-16 code units, no white space, absent
 * (`undefined`) members left out. Equal values give equal text, so its hash identifies content.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  // Written here and not by way of a sorted object: objects list keys such as "10" before all others.
  let members = "";
  // SAFETY: every object can be asked for its members.
  const named = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(named).sort(byCodeUnits)) {
    const member = named[key];
    if (member === undefined) continue;
    members += `${members === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

/** True only for values that have the same canonical JSON; found without writing it. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && isSameList(a, b);
  if (Array.isArray(b)) return false;
  return countMembers(a) === countMembers(b) && isWithin(a, b);
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => isSameJson(item, b[i]));
}

function isWithin(a: object, b: object): boolean {
  for (const key of Object.keys(a)) {
    const member = memberOf(a, key);
    if (member !== undefined && !(Object.hasOwn(b, key) && isSameJson(member, memberOf(b, key))))
      return false;
  }
  return true;
}

function countMembers(value: object): number {
  let count = 0;
  for (const key of Object.keys(value)) if (memberOf(value, key) !== undefined) count += 1;
  return count;
}

function memberOf(value: object, key: string): unknown {
  // SAFETY: every object can be asked for a member.
  return (value as Readonly<Record<string, unknown>>)[key];
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
