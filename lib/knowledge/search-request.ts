import type { ListArgument, NumberArgument } from "./arguments.ts";

/** What a search is asked for. */
export interface SearchRequest {
  readonly query: string;
  readonly mode?: string | undefined;
  readonly kind?: ListArgument;
  /** Event types. */
  readonly type?: ListArgument;
  readonly limit?: NumberArgument;
  readonly maxTokens?: NumberArgument;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly includeSuperseded?: boolean | undefined;
  readonly cursor?: string | undefined;
  readonly timezone?: string | undefined;
  /** How long to wait for a model that is still warming, in ms. */
  readonly waitMs: number;
}
