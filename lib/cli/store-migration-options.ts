import { KnowledgeError } from "../domain/error.ts";

const MOST = 10_000;

/** A whole number from 1 to 10,000. @throws KnowledgeError `invalid_input` */
export function parseCount(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MOST) return count;
  throw new KnowledgeError(
    "invalid_input",
    `${field} is "${text.slice(0, 40)}", which is no number from 1 to ${MOST}.`,
    {
      field,
      hint: "Leave it out for 1000.",
    },
  );
}
