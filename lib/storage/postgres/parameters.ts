import { wellFormed } from "../../domain/well-formed.ts";
import type { Bindable, Parameter } from "./driver.ts";

/** What a driver gets for a bound value: text that PostgreSQL can hold (RULES 17), lists as array literals. */
export function parameterOf(value: Bindable): Parameter {
  if (typeof value === "string") return value.includes("\0") ? wellFormed(value) : value;
  return isList(value) ? `{${value.map(elementOf).join()}}` : value;
}

function isList(
  value: Bindable,
): value is readonly (string | null)[] | readonly number[] | readonly boolean[] {
  return Array.isArray(value);
}

/** An element of an array literal (PostgreSQL documentation, 8.15.6). */
function elementOf(element: string | number | boolean | null): string {
  if (element === null) return "NULL";
  if (typeof element !== "string") return String(element);
  return `"${wellFormed(element).replace(/["\\]/g, "\\$&")}"`;
}
