import { KnowledgeError } from "../domain/error.ts";
import type { RuntimeChoice } from "./model-messages.ts";

/** Where vectors come from, as configured. */
export interface EmbeddingSettings {
  readonly provider: "local" | "openai" | "bedrock" | "huggingface" | "none";
  readonly model?: string | undefined;
  /** Address of an OpenAI-compatible service, or of a Bedrock endpoint. */
  readonly baseUrl?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly dimensions?: number | undefined;
  /** Of the local model: which runtime executes it. */
  readonly runtime?: RuntimeChoice | undefined;
  /** Models, or requests, that work side by side. Default 1. */
  readonly workers?: number | undefined;
  /** Of the local model: milliseconds without work after which it leaves the memory. */
  readonly idleMs?: number | undefined;
  /** Of the local model: threads for one text; unless told, as many of two as are free when it is loaded. */
  readonly threads?: number | undefined;
}

/** An error in a setting, with the values that would do. */
export function settingError(field: string, message: string, valid?: readonly string[]): KnowledgeError {
  return new KnowledgeError("invalid_input", message, {
    field,
    valid,
    hint: valid === undefined ? `Set ${field}.` : `Set ${field} to one of: ${valid.join(", ")}.`,
  });
}
