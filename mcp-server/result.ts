import { asKnowledgeError, type ErrorCode, errorReport, KnowledgeError } from "../lib/domain/error.ts";
import type { Logger } from "../lib/knowledge/deps.ts";
import { jsonTokens } from "./fit.ts";
import type { CallToolResult } from "./sdk.ts";
import { cutText, shortenToFit } from "./shorten.ts";

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

/** Bounds of an error's text: valid values, and characters of a sentence. */
const MOST_VALID = 40;
const MOST_CHARACTERS = 1_000;

/** Arguments whose names the use cases spell in camel case. */
const TWO_WORD_ARGUMENTS =
  /\b(updatedAfter|updatedBefore|dateAfter|dateBefore|maxTokens|includeSuperseded|replaceSection|addFile|addTopic|asOf)\b/g;

/** An answer within its budget: text and structured content say the same. */
export function answerResult(answer: object, maxTokens: number): CallToolResult {
  const plain: Record<string, unknown> = JSON.parse(JSON.stringify(shortenToFit(answer, maxTokens)));
  if (jsonTokens(plain) > maxTokens && !("shortened" in plain && "ref" in plain)) {
    throw new KnowledgeError("invalid_input", `The answer needs more than max_tokens ${maxTokens}.`, {
      field: "max_tokens",
      hint: "Ask for more max_tokens (at most 8000), or for less: one section, detail preview.",
    });
  }
  return { content: [{ type: "text", text: JSON.stringify(plain) }], structuredContent: plain };
}

/** An error as a result whose text is complete: what was wrong, what is valid, what to do. */
export function errorResult(thrown: unknown, log: Logger, isDistant = false): CallToolResult {
  const error = asKnowledgeError(thrown);
  if (error.code === "internal")
    log.error("A tool failed.", {
      cause: error.cause instanceof Error ? error.cause.stack : String(error.cause ?? error.message),
    });
  const { valid = [], current } = errorReport(error).error;
  const lines = [
    `Error (${error.code}): ${inToolWords(error.message)}`,
    ...(valid.length === 0 ? [] : [validLine(valid)]),
    ...(current === undefined ? [] : [`Current: ${JSON.stringify(current)}.`]),
    isDistant ? fromAfar(nextStep(error)) : nextStep(error),
  ];
  return { content: [{ type: "text", text: lines.join("\n") }], isError: true };
}

/** The hint, unless it repeats the valid values that stand above it. */
function nextStep({ code, hint, valid = [] }: KnowledgeError): string {
  const isRepeated = hint?.startsWith("Use one of: ") === true && valid.length > 0;
  return hint === undefined || isRepeated ? NEXT_STEP[code] : inToolWords(hint);
}

/** Files lie with the caller, and commands at the store are its owner's. */
function fromAfar(sentence: string): string {
  return sentence.replaceAll("`aiknowsys index`", "`aiknowsys index --remote`");
}

function validLine(valid: readonly string[]): string {
  const shown = valid.slice(0, MOST_VALID).map((value) => cutText(value, 100));
  const more = valid.length > shown.length ? ` and ${valid.length - shown.length} more` : "";
  return `Valid: ${shown.join(", ")}${more}.`;
}

/** A use case's sentence with the names that this door gives to arguments and tools. */
function inToolWords(sentence: string): string {
  return cutText(sentence, MOST_CHARACTERS)
    .replace(TWO_WORD_ARGUMENTS, (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
    .replace(/\S+ \(over MCP: ([^)]*)\)/g, "$1")
    .replaceAll("--project", "the argument project")
    .replace(/\bquery-(plans|sessions|events)\b/g, "query_$1")
    .replace(/\bwith search\b/g, "with semantic_search")
    .replace(/\bwith show\b/g, "with get_document");
}
