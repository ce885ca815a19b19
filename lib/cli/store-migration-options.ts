import { KnowledgeError } from "../domain/error.ts";

interface Limit {
  readonly field: string;
  readonly most: number;
  readonly hint: string;
}

/** A whole number from 1 to the most there may be. @throws KnowledgeError `invalid_input` */
export function parseCount(text: string | undefined, { field, most, hint }: Limit): number | undefined {
  if (text === undefined) return undefined;
  const count = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= most) return count;
  const message = `${field} is "${text.slice(0, 40)}", which is no number from 1 to ${most}.`;
  throw new KnowledgeError("invalid_input", message, { field, hint });
}
