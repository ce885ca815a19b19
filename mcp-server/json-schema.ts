import type { StandardSchemaWithJSON } from "./sdk.ts";

/** One argument of a tool, as JSON Schema. */
export interface Property {
  readonly type: "string" | "number" | "integer" | "boolean" | "object" | "array";
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly items?: { readonly type: "string" };
}

export interface ObjectSchema {
  readonly type: "object";
  readonly properties: Readonly<Record<string, object>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
}

/**
 * A literal JSON Schema in the form that the SDK takes. It accepts every value: arguments are checked by the
 * tool itself, so that a wrong one is answered with a sentence that says what to do instead of a parser's dump.
 */
export function literalSchema<Value = Record<string, unknown>>(
  schema: ObjectSchema,
): StandardSchemaWithJSON<Value, Value> {
  const json = (): Record<string, unknown> => ({ ...schema });
  return {
    "~standard": {
      version: 1,
      vendor: "aiknowsys",
      // SAFETY: the tool checks the value itself before it reads a member.
      validate: (value: unknown) => ({ value: value as Value }),
      jsonSchema: { input: json, output: json },
    },
  };
}
