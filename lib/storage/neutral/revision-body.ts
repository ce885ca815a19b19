import { deflateRawSync, inflateRawSync } from "node:zlib";
import { canonicalJson } from "../../domain/canonical-json.ts";
import type { DraftRow } from "../contract/writes.ts";

/** A revision's text as a store keeps it. */
export interface PackedBody {
  /** UTF-8 text, or the same by raw DEFLATE (RFC 1951). */
  readonly encoding: "json" | "deflate";
  readonly body: Uint8Array;
}

/** Bytes below which DEFLATE gains too little for its time: most events are shorter, most documents longer. */
const WORTH_PACKING = 1_024;

/** What a revision keeps: the draft as canonical JSON. Links are kept as written; what they name may change. */
export function revisionText({ kind, row }: DraftRow): string {
  if (kind !== "plan") return canonicalJson(row);
  return canonicalJson({ ...row, links: row.links.map(({ rel, target }) => ({ rel, target })) });
}

export function packed(text: string): PackedBody {
  const plain = Buffer.from(text);
  if (plain.length >= WORTH_PACKING) {
    const body = deflateRawSync(plain);
    if (body.length < plain.length * 0.9) return { encoding: "deflate", body };
  }
  return { encoding: "json", body: plain };
}

/** The text of a kept body; what is no bytes reads as empty. */
export function unpacked(encoding: unknown, body: unknown): string {
  const bytes = body instanceof Uint8Array ? body : new Uint8Array();
  return (encoding === "deflate" ? inflateRawSync(bytes) : Buffer.from(bytes)).toString("utf8");
}
