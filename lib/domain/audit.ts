import type { ErrorCode } from "./error.ts";
import { type ProjectId, projectIdSchema } from "./ids.ts";
import type { Timestamp } from "./timestamp.ts";

/** What stands for the project of calls that are about no one project: all of them, or none. */
export const NO_ONE_PROJECT: ProjectId = projectIdSchema.parse("00000000-0000-0000-0000-000000000000");

/** One call over the shared instance as the audit keeps it: never what was asked or answered. */
export interface AuditedCall {
  readonly at: Timestamp;
  /** Who. */
  readonly actor: string;
  /** Id of the token, or what stands for it. */
  readonly token: string;
  readonly tool: string;
  readonly project: ProjectId;
  readonly outcome: "ok" | ErrorCode;
  readonly durationMs: number;
  readonly rows?: number | undefined;
}

/** What is sealed: the calls, and the writes of the change log. */
export const AUDIT_LOGS = ["calls", "changes"] as const;
export type AuditLogName = (typeof AUDIT_LOGS)[number];

/** The lines of one log about one project: each seal covers its lines and the seal before it. */
export interface AuditChain {
  readonly log: AuditLogName;
  readonly project: ProjectId;
  /** Lines with a number, and without one: these are not sealed yet. */
  readonly numbered: number;
  readonly unsealed: number;
}

/** A seal over the lines from one number to another (RULES 16). */
export interface Seal {
  readonly fromSeq: number;
  readonly toSeq: number;
  /** {@link sealHash} of `previous` and the lines. */
  readonly hash: string;
  readonly previous: string;
  readonly at: Timestamp;
  /** Absent: made by this store. Else an import brought it along. */
  readonly store?: string | undefined;
}
