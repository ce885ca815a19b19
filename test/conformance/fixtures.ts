import { setTimeout as sleep } from "node:timers/promises";
import {
  type CallToolResult,
  completable,
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  type McpServer,
  ResourceTemplate,
  type ServerContext,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import { buildServer } from "../../mcp-server/server.ts";
import type { ServerOptions } from "../../mcp-server/server-options.ts";

type Answer = CallToolResult | InputRequiredResult;
type Run = (context: ServerContext) => Promise<Answer> | Answer;

/** One red pixel, and a sound of no length. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAgD4AAAB9AAACABAAZGF0YQAAAAA=";

const state = createRequestStateCodec({ key: new Uint8Array(32).fill(7), ttlSeconds: 600 });

const text = (words: string) => ({ type: "text" as const, text: words });
const image = { type: "image" as const, data: PNG, mimeType: "image/png" };
const embedded = (uri: string, mimeType: string, words: string) => ({
  type: "resource" as const,
  resource: { uri, mimeType, text: words },
});
const says = (words: string): CallToolResult => ({ content: [text(words)] });

/** A question to the person at the client. */
function ask(message: string, property: string, schema: z.ZodString | z.ZodBoolean = z.string()) {
  return inputRequired.elicit({ message, requestedSchema: z.object({ [property]: schema }) });
}

function sample(words: string, maxTokens: number) {
  return inputRequired.createMessage({ messages: [{ role: "user", content: text(words) }], maxTokens });
}

/** What was answered to a question, or undefined. */
function responses({ mcpReq }: ServerContext): Readonly<Record<string, unknown>> {
  return mcpReq.inputResponses ?? {};
}

function isAccepted(response: unknown): boolean {
  return typeof response === "object" && response !== null && "action" in response && "content" in response;
}

const PLAIN: Readonly<Record<string, Run>> = {
  test_simple_text: () => says("This is a simple text response for testing."),
  test_image_content: () => ({ content: [image] }),
  test_audio_content: () => ({ content: [{ type: "audio", data: WAV, mimeType: "audio/wav" }] }),
  test_embedded_resource: () => ({
    content: [embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
  }),
  test_multiple_content_types: () => ({
    content: [
      text("Multiple content types test:"),
      image,
      embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
    ],
  }),
  test_error_handling: () => {
    throw new Error("This tool intentionally returns an error for testing");
  },
  test_tool_with_logging: async ({ mcpReq }) => {
    for (const words of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
      await mcpReq.log("info", words);
      await sleep(50);
    }
    return says("Logged three times.");
  },
  test_logging_tool: async ({ mcpReq }) => {
    await mcpReq.log("info", "Only for those who asked for it.");
    return says("Logged.");
  },
  test_tool_with_progress: async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined)
        await mcpReq.notify({
          method: "notifications/progress",
          params: { progressToken, progress, total: 100 },
        });
      await sleep(50);
    }
    return says("Done.");
  },
};

const CAPABLE = z.object({ "io.modelcontextprotocol/clientCapabilities": z.record(z.string(), z.unknown()) });

/** Tools that need an answer of the client's (2026-07-28). */
const ASKING: Readonly<Record<string, Run>> = {
  test_missing_capability: () => inputRequired({ inputRequests: { question: sample("Anything?", 10) } }),
  test_streaming_elicitation: () =>
    inputRequired({ inputRequests: { user_name: ask("What is your name?", "name") } }),
  test_input_required_result_elicitation: (context) => {
    const given = responses(context).user_name;
    if (!isAccepted(given))
      return inputRequired({ inputRequests: { user_name: ask("What is your name?", "name") } });
    const named = z.object({ content: z.object({ name: z.string() }) }).safeParse(given);
    if (!named.success)
      return inputRequired({ inputRequests: { user_name: ask("What is your name?", "name") } });
    return says(`Hello, ${named.data.content.name}!`);
  },
  test_input_required_result_sampling: (context) => {
    const given = responses(context).capital_question;
    if (given === undefined)
      return inputRequired({
        inputRequests: { capital_question: sample("What is the capital of France?", 100) },
      });
    return says(JSON.stringify(given));
  },
  test_input_required_result_list_roots: (context) => {
    const given = responses(context).client_roots;
    if (given === undefined)
      return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
    return says(JSON.stringify(given));
  },
  test_input_required_result_request_state: async (context) =>
    isAccepted(responses(context).confirm) && context.mcpReq.requestState() === "confirming"
      ? says("state-ok")
      : inputRequired({
          inputRequests: { confirm: ask("Please confirm", "ok", z.boolean()) },
          requestState: await state.mint("confirming"),
        }),
  test_input_required_result_tampered_state: async (context) =>
    isAccepted(responses(context).confirm)
      ? says("state-ok")
      : inputRequired({
          inputRequests: { confirm: ask("Please confirm", "ok", z.boolean()) },
          requestState: await state.mint("untouched"),
        }),
  test_input_required_result_multiple_inputs: async (context) => {
    const { user_name, greeting, client_roots } = responses(context);
    if (user_name !== undefined && greeting !== undefined && client_roots !== undefined)
      return says("All three came.");
    return inputRequired({
      inputRequests: {
        user_name: ask("What is your name?", "name"),
        greeting: sample("Generate a greeting", 50),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await state.mint("three"),
    });
  },
  test_input_required_result_multi_round: async (context) => {
    const round = context.mcpReq.requestState();
    if (round === "second" && isAccepted(responses(context).step2)) return says("Both steps are done.");
    if (round === "first" && isAccepted(responses(context).step1))
      return inputRequired({
        inputRequests: { step2: ask("Step 2: What is your favorite color?", "color") },
        requestState: await state.mint("second"),
      });
    return inputRequired({
      inputRequests: { step1: ask("Step 1: What is your name?", "name") },
      requestState: await state.mint("first"),
    });
  },
  test_input_required_result_capabilities: ({ mcpReq }) => {
    const can = CAPABLE.parse(mcpReq.envelope)["io.modelcontextprotocol/clientCapabilities"];
    return inputRequired({
      inputRequests: {
        ...(can.sampling !== undefined && { question: sample("Anything?", 10) }),
        ...(can.elicitation !== undefined && { user_name: ask("What is your name?", "name") }),
      },
    });
  },
};

/** The product's server with the tools, resources and prompts that the conformance suite calls by name. */
export function buildWithFixtures(options: ServerOptions): McpServer {
  const server = buildServer(options, {
    capabilities: { tools: {}, resources: { subscribe: true }, prompts: {}, logging: {}, completions: {} },
    requestState: { verify: state.verify },
  });
  for (const [name, run] of Object.entries({ ...PLAIN, ...ASKING }))
    server.registerTool(name, { description: `Fixture ${name}` }, (context) => run(context));
  addResources(server);
  addPrompts(server);
  return server;
}

function addResources(server: McpServer): void {
  const words = "This is the content of the static text resource.";
  server.registerResource("static-text", "test://static-text", { mimeType: "text/plain" }, ({ href }) => ({
    contents: [{ uri: href, mimeType: "text/plain", text: words }],
  }));
  server.registerResource("static-binary", "test://static-binary", { mimeType: "image/png" }, ({ href }) => ({
    contents: [{ uri: href, mimeType: "image/png", blob: PNG }],
  }));
  const template = new ResourceTemplate("test://template/{id}/data", { list: undefined });
  const asJson = { mimeType: "application/json" };
  server.registerResource("template", template, asJson, ({ href }, { id }) => ({
    contents: [
      { uri: href, ...asJson, text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) },
    ],
  }));
  for (const method of ["resources/subscribe", "resources/unsubscribe"] as const)
    server.server.setRequestHandler(method, () => ({}));
}

function addPrompts(server: McpServer): void {
  const user = "user" as const;
  server.registerPrompt("test_simple_prompt", { description: "Fixture" }, () => ({
    messages: [{ role: user, content: text("This is a simple prompt for testing.") }],
  }));
  const words = completable(z.string(), (value) =>
    ["paris", "park"].filter((word) => word.startsWith(value)),
  );
  server.registerPrompt(
    "test_prompt_with_arguments",
    { description: "Fixture", argsSchema: z.object({ arg1: words, arg2: z.string() }) },
    ({ arg1, arg2 }) => ({
      messages: [{ role: user, content: text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`) }],
    }),
  );
  server.registerPrompt(
    "test_prompt_with_embedded_resource",
    { description: "Fixture", argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) => ({
      messages: [
        {
          role: user,
          content: embedded(resourceUri, "text/plain", "Embedded resource content for testing."),
        },
        { role: user, content: text("Please process the embedded resource above.") },
      ],
    }),
  );
  server.registerPrompt("test_prompt_with_image", { description: "Fixture" }, () => ({
    messages: [
      { role: user, content: image },
      { role: user, content: text("Please analyze the image above.") },
    ],
  }));
  server.registerPrompt("test_input_required_result_prompt", { description: "Fixture" }, (context) => {
    const given = responses(context).user_context;
    if (given === undefined)
      return inputRequired({
        inputRequests: { user_context: ask("What context should the prompt use?", "context") },
      });
    return { messages: [{ role: user, content: text(JSON.stringify(given)) }] };
  });
}
