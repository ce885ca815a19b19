import { asKnowledgeError, type ErrorCode, KnowledgeError } from "../../domain/error.ts";
import type { Call } from "./engine.ts";

/** What a thread is asked: one call, or to end. */
export type Request = { readonly id: number; readonly call: Call } | { readonly close: true };

/** What it answers; id 0 is the answer to its opening. */
export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: Failure };

/** A KnowledgeError as plain data: class and fields of errors do not cross threads by themselves. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly field: string | undefined;
  readonly valid: readonly string[] | undefined;
  readonly current: Readonly<Record<string, unknown>> | undefined;
  /** The stack of the cause, for the log. */
  readonly cause: string | undefined;
}

export function toFailure(thrown: unknown): Failure {
  const { code, message, hint, field, valid, current, cause } = asKnowledgeError(thrown);
  const stack = cause instanceof Error ? (cause.stack ?? cause.message) : cause;
  return {
    code,
    message,
    hint,
    field,
    valid,
    current,
    cause: stack === undefined ? undefined : String(stack),
  };
}

export function revive({ code, message, ...details }: Failure): KnowledgeError {
  return new KnowledgeError(code, message, details);
}
