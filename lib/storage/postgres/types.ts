/** How PostgreSQL's text output is read, by type OID (pg_type.dat); all other types stay text. */
const READERS = new Map<number, (text: string) => unknown>([
  [16, (text) => text === "t"],
  [17, bytesOf],
  [20, Number],
  [21, Number],
  [23, Number],
  [700, Number],
  [701, Number],
  [1114, timestampOf],
  [1184, timestampOf],
]);

/** The reader of a type, for drivers that ask by OID. `json` stays text: its reader is the facet's. */
export function readerOf(oid: number): (text: string) => unknown {
  return READERS.get(oid) ?? asText;
}

/** OIDs that have a reader here, and those whose own reading a driver must leave alone. */
export const READ_OIDS: readonly number[] = [...READERS.keys(), 114, 1082, 2950, 3802];

function asText(text: string): string {
  return text;
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text.slice(2), "hex");
}

/** `2026-03-01 12:00:00.5+00` (ISO style, zone UTC) as `2026-03-01T12:00:00.500Z`. */
function timestampOf(text: string): string {
  const [day = "", rest = ""] = text.split(" ");
  const [time = "", fraction = ""] = rest.replace(/[+-].*$/, "").split(".");
  return `${day}T${time}.${fraction.padEnd(3, "0").slice(0, 3)}Z`;
}
