import * as z from "zod";
import { KnowledgeError } from "../domain/error.ts";
import { batchedEmbedder } from "./batched.ts";
import type { Embedder, Space } from "./embedder.ts";
import { type LoadPackage, optionalPackage } from "./optional-package.ts";
import type { EmbeddingSettings } from "./provider-settings.ts";

const PACKAGE = "@aws-sdk/client-bedrock-runtime";
/** Titan takes one text a request, so that a batch is this many requests at once. */
const BATCH_SIZE = 8;

const ANSWER = z.object({ embedding: z.array(z.number()) });

/** What of the AWS SDK is used. */
interface BedrockClient {
  send(
    command: object,
    options: { readonly abortSignal?: AbortSignal },
  ): Promise<{ readonly body: Uint8Array }>;
  destroy(): void;
}
interface BedrockSdk {
  readonly BedrockRuntimeClient: new (settings: { readonly endpoint?: string }) => BedrockClient;
  readonly InvokeModelCommand: new (input: Readonly<Record<string, unknown>>) => object;
}

/**
 * Amazon Titan text embeddings v2 on AWS Bedrock, where the AWS SDK is installed. Region and credentials are the
 * SDK's own affair (AWS_REGION, profiles, roles), so are retries.
 */
export async function openBedrock(
  space: Space,
  settings: EmbeddingSettings,
  load?: LoadPackage,
): Promise<Embedder> {
  // SAFETY: the documented interface of the package; another one fails at the first call with a sentence.
  const sdk = (await optionalPackage(PACKAGE, load)) as BedrockSdk;
  const client = new sdk.BedrockRuntimeClient(
    settings.baseUrl === undefined ? {} : { endpoint: settings.baseUrl },
  );
  return batchedEmbedder({
    space,
    batchSize: BATCH_SIZE,
    embedBatch: (texts, signal) =>
      Promise.all(texts.map((text) => vectorOf({ sdk, client, space }, text, signal))),
    release: () => client.destroy(),
  });
}

interface Bedrock {
  readonly sdk: BedrockSdk;
  readonly client: BedrockClient;
  readonly space: Space;
}

async function vectorOf(
  { sdk, client, space }: Bedrock,
  text: string,
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  const command = new sdk.InvokeModelCommand({
    modelId: space.model,
    contentType: "application/json",
    accept: "application/json",
    body: JSON.stringify({ inputText: text, dimensions: space.dimensions, normalize: true }),
  });
  try {
    const { body } = await client.send(command, signal === undefined ? {} : { abortSignal: signal });
    return ANSWER.parse(JSON.parse(new TextDecoder().decode(body))).embedding;
  } catch (error) {
    throw new KnowledgeError("unavailable", `AWS Bedrock did not embed a text: ${reasonOf(error)}.`, {
      hint: "Check the region, the credentials and that the account may use the model.",
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
