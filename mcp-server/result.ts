import type { CallToolResult } from "@modelcontextprotocol/server";
import { asKnowledgeError, type ErrorCode, errorReport, KnowledgeError } from "../lib/domain/error.ts";
import type { Logger } from "../lib/knowledge/deps.ts";
import { jsonTokens } from "./fit.ts";

/** What a model can do about each kind of error when the error itself does not say. */
const NEXT_STEP: Readonly<Record<ErrorCode, string>> = {
  not_found: "Look it up with semantic_search or query_plans.",
  invalid_input: "Correct the argument and call again.",
  conflict: "Read it again with get_document, then repeat with the current revision.",
  unsupported: "Use another tool; this store cannot do it.",
  unavailable: "Try again in a moment.",
  schema_mismatch: "Tell the user: run `aiknowsys migrate`, or update AIKnowSys.",
  corrupt: "Tell the user: run `aiknowsys doctor`.",
  forbidden: "Ask the user for access.",
  rate_limited: "Wait, then call again.",
  internal: "Tell the user; the server's log has the cause.",
};

/** An answer: text and structured content say the same. */
export function answerResult(answer: object, maxTokens: number): CallToolResult {
  const plain: Record<string, unknown> = JSON.parse(JSON.stringify(answer));
  if (jsonTokens(plain) > maxTokens) {
    throw new KnowledgeError("invalid_input", `The answer needs more than max_tokens ${maxTokens}.`, {
      field: "max_tokens",
      hint: "Ask for more max_tokens (at most 8000), or for less: a lower limit, one section, detail preview.",
    });
  }
  return { content: [{ type: "text", text: JSON.stringify(plain) }], structuredContent: plain };
}

/** An error as a result whose text is complete: what was wrong, what is valid, what to do. */
export function errorResult(thrown: unknown, log: Logger): CallToolResult {
  const error = asKnowledgeError(thrown);
  if (error.code === "internal")
    log.error("A tool failed.", {
      cause: error.cause instanceof Error ? error.cause.stack : String(error.cause ?? error.message),
    });
  const { valid, current } = errorReport(error).error;
  const lines = [
    `Error (${error.code}): ${error.message}`,
    ...(valid === undefined || valid.length === 0 ? [] : [`Valid: ${valid.slice(0, 40).join(", ")}.`]),
    ...(current === undefined ? [] : [`Current: ${JSON.stringify(current)}.`]),
    error.hint ?? NEXT_STEP[error.code],
  ];
  return { content: [{ type: "text", text: lines.join("\n") }], isError: true };
}
