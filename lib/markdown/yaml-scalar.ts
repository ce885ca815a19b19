/** How a value is written. */
export type ScalarStyle = "plain" | "single" | "double";

/** Begins with a letter or digit and holds nothing that YAML could take for syntax. */
const PLAIN = /^[\p{L}\p{N}_][\p{L}\p{N}_ .+/()-]*$/u;
/** Words and numbers that some YAML version reads as something other than text. */
const NOT_TEXT =
  /^(?:true|false|yes|no|on|off|y|n|null|nan|inf|[-+.\d][\d_,.:]*(?:e[-+]?\d+)?|0x[\da-f_]+|0o?[0-7_]+|0b[01_]+)$/i;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** A YAML scalar on one line that reads back as exactly `value`, in the style asked for where the value allows it. */
export function renderScalar(value: string, style: ScalarStyle): string {
  if (style === "plain" && isPlain(value)) return value;
  if (style === "single" && isPrintable(value)) return `'${value.replaceAll("'", "''")}'`;
  return renderDoubleQuoted(value);
}

/** The style that a scalar's source shows; a block scalar or a collection counts as double. */
export function scalarStyleOf(source: string): ScalarStyle {
  if (source.startsWith("'")) return "single";
  if (source === "" || /^[^"|>[{&*!]/.test(source)) return "plain";
  return "double";
}

function isPlain(value: string): boolean {
  return DATE.test(value) || (PLAIN.test(value) && !value.endsWith(" ") && !NOT_TEXT.test(value));
}

function isPrintable(value: string): boolean {
  return !/[\p{Cc}\p{Cs}\u2028\u2029\ufeff\ufffe\uffff]/u.test(value);
}

/** JSON strings are YAML double-quoted scalars; what YAML calls unprintable is escaped beyond JSON. */
function renderDoubleQuoted(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
