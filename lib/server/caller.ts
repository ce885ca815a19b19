import { type ErrorCode, KnowledgeError } from "../domain/error.ts";
import type { ProjectId } from "../domain/ids.ts";
import type { Timestamp } from "../domain/timestamp.ts";
import type { TokenScope } from "../domain/token.ts";

/** Who calls the shared instance, and what that one may do. Only a credential makes a caller (RULES 1). */
export interface Caller {
  /** UUID of the tenant. */
  readonly tenant: string;
  /** For the audit and the change log's actor. */
  readonly name: string;
  /** Id of the token, or what stands for it with a credential that is not kept here. */
  readonly tokenId: string;
  /** The widest right: each includes those before it. */
  readonly scopes: TokenScope;
  readonly projects: "all" | readonly ProjectId[];
}

/** Tells by the header `Authorization` who calls. */
export interface Authenticator {
  /**
   * @throws NotAuthenticated (HTTP 401) without a credential that counts; KnowledgeError `forbidden` (403) for one
   * that counts but grants nothing here, `unavailable` (503) when the credential cannot be checked now.
   */
  authenticate(authorization: string | undefined): Promise<Caller>;
  close(): Promise<void>;
}

/** No credential, or one that does not count: the caller may come back with another one. */
export class NotAuthenticated extends KnowledgeError {
  constructor(sentence: string, hint: string, cause?: unknown) {
    super("forbidden", sentence, { hint, cause });
    this.name = "NotAuthenticated";
  }
}

/** One call as the audit keeps it: never what was asked or answered. */
export interface CallRecord {
  readonly at: Timestamp;
  readonly caller: Caller;
  readonly tool: string;
  /** The one project that it was about. */
  readonly project?: ProjectId | undefined;
  readonly outcome: "ok" | ErrorCode;
  readonly durationMs: number;
  /** Rows that were answered or written. */
  readonly rows?: number | undefined;
}

/** Keeps the calls, in batches: what came in the last second may be lost when the process is killed (RULES 7). */
export interface AuditLog {
  record(call: CallRecord): void;
  /** Resolves once everything recorded before is kept. */
  flush(): Promise<void>;
}
