import * as z from "zod";
import { KnowledgeError } from "../domain/error.ts";
import { batchedEmbedder } from "./batched.ts";
import type { Embedder, Space } from "./embedder.ts";
import { postJson, type Wait } from "./post-json.ts";
import { type EmbeddingSettings, settingError } from "./provider-settings.ts";

const DEFAULT_URL = "https://api.openai.com/v1";
const BATCH_SIZE = 64;
const TIMEOUT_MS = 60_000;

const ANSWER = z.object({
  data: z.array(z.object({ index: z.int().nonnegative().optional(), embedding: z.array(z.number()) })),
});

export interface OpenAiOptions {
  /** Milliseconds that one request may take; 60,000 unless told. */
  readonly timeoutMs?: number | undefined;
  /** How the pause before a retry is spent; a timer unless told. */
  readonly wait?: Wait | undefined;
}

/**
 * Any service with OpenAI's `POST /v1/embeddings` (OpenAI, Ollama, LM Studio, vLLM …).
 * The number of dimensions is asked for only where the settings name one, since many services refuse the field.
 */
export function openOpenAi(space: Space, settings: EmbeddingSettings, options: OpenAiOptions = {}): Embedder {
  const url = endpoint(settings.baseUrl ?? DEFAULT_URL);
  return batchedEmbedder({
    space,
    batchSize: BATCH_SIZE,
    async embedBatch(texts, signal) {
      const answer = await postJson({
        url,
        body: {
          model: space.model,
          input: texts,
          encoding_format: "float",
          ...(settings.dimensions !== undefined && { dimensions: settings.dimensions }),
        },
        apiKey: settings.apiKey,
        signal,
        timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
        wait: options.wait,
      });
      return vectorsOf(answer, url);
    },
  });
}

/** A bare host gets the customary `/v1`. */
function endpoint(baseUrl: string): URL {
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol)) {
    throw settingError("EMBEDDING_BASE_URL", "The embedding service's address is no http or https URL.");
  }
  const url = new URL(baseUrl);
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = `${path === "" ? "/v1" : path}/embeddings`;
  return url;
}

function vectorsOf(answer: unknown, url: URL): readonly (readonly number[])[] {
  const parsed = ANSWER.safeParse(answer);
  if (!parsed.success) {
    throw new KnowledgeError(
      "unavailable",
      `The embedding service at ${url.host} answered something else than vectors.`,
      {
        hint: "Check EMBEDDING_BASE_URL and EMBEDDING_MODEL.",
        cause: parsed.error,
      },
    );
  }
  const { data } = parsed.data;
  return data.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0)).map(({ embedding }) => embedding);
}
