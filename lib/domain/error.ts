/** The closed set of error codes; doors map each to an exit status, a tool result or an HTTP status. */
export const ERROR_CODES = [
  "not_found",
  "invalid_input",
  "conflict",
  "unsupported",
  "unavailable",
  "schema_mismatch",
  "corrupt",
  "forbidden",
  "rate_limited",
  "internal",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What people and programs are told besides the sentence itself. */
export interface ErrorDetails {
  /** What to do next, as one sentence. */
  readonly hint?: string | undefined;
  /** The input field (flag or argument) that was wrong. */
  readonly field?: string | undefined;
  /** Every valid value of that field, or the candidates of an ambiguous id. */
  readonly valid?: readonly string[] | undefined;
  /** The current state that the caller collided with, for example `{ revision: 4 }`. */
  readonly current?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/** The JSON that every door prints for an error (INTERFACE: Error). */
export interface ErrorReport {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint?: string;
    readonly field?: string;
    readonly valid?: readonly string[];
    readonly current?: Readonly<Record<string, unknown>>;
  };
}

/** The one error of this project: a closed code and a sentence that says what was wrong. */
export class KnowledgeError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly field: string | undefined;
  readonly valid: readonly string[] | undefined;
  readonly current: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "KnowledgeError";
    this.code = code;
    this.hint = details.hint;
    this.field = details.field;
    this.valid = details.valid;
    this.current = details.current;
  }
}

/** Any thrown value as the error that doors show; what we did not foresee says no more than "Internal error". */
export function asKnowledgeError(thrown: unknown): KnowledgeError {
  if (thrown instanceof KnowledgeError) return thrown;
  return new KnowledgeError("internal", "Internal error.", {
    hint: "This is a defect of AIKnowSys; run again with --verbose and report what it logs.",
    cause: thrown,
  });
}

/** The printable form of an error, without absent fields. */
export function errorReport(error: KnowledgeError): ErrorReport {
  const { code, message, hint, field, valid, current } = error;
  return {
    error: {
      code,
      message,
      ...(hint !== undefined && { hint }),
      ...(field !== undefined && { field }),
      ...(valid !== undefined && { valid }),
      ...(current !== undefined && { current }),
    },
  };
}
