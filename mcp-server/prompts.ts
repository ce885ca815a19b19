import { literalSchema } from "./json-schema.ts";
import { type McpServer, ProtocolError } from "./sdk.ts";

/** JSON-RPC: invalid params. */
const INVALID_PARAMS = -32_602;

interface PromptText {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly argument: { readonly name: string; readonly description: string; readonly required: boolean };
  readonly text: (value: string) => string;
}

const PROMPTS: readonly PromptText[] = [
  {
    name: "start-work",
    title: "Start work",
    description: "Recall what is known before work on a topic begins",
    argument: { name: "topic", description: "what the work is about", required: false },
    text: (topic) =>
      `Call resume_work${topic === "" ? "" : `, then semantic_search for "${topic}"`}. Tell me in a few lines: the active plans, open tasks, decisions that bind us and what changed. Then propose the next step.`,
  },
  {
    name: "close-session",
    title: "Close session",
    description: "Record what this session brought and close its log",
    argument: {
      name: "summary",
      description: "what was done, if you want to say it yourself",
      required: false,
    },
    text: (summary) =>
      `Close this session. ${summary === "" ? "Sum up what was done." : `Summary: ${summary}`} Record each decision, bug and lesson with record_event, tick finished tasks with update_plan, append the summary with update_session (id: latest) and set its status to complete.`,
  },
  {
    name: "plan-review",
    title: "Review plan",
    description: "Check a plan against what is known",
    argument: { name: "plan", description: "ref or slug of the plan", required: true },
    text: (plan) =>
      `Read ${plan} with get_document. Search for decisions, bugs and lessons that bear on it. List what contradicts it, what is missing and which tasks are done, with refs; then propose changes for update_plan.`,
  },
];

/** Prompts that a person picks in a client. */
export function registerPrompts(server: McpServer): void {
  for (const { name, title, description, argument, text } of PROMPTS) {
    const properties = { [argument.name]: { type: "string", description: argument.description } };
    const argsSchema = literalSchema<Record<string, string>>({
      type: "object",
      properties,
      ...(argument.required && { required: [argument.name] }),
    });
    server.registerPrompt(name, { title, description, argsSchema }, (args) => {
      const value = String(args?.[argument.name] ?? "").trim();
      if (argument.required && value === "") {
        const message = `${name} needs the argument ${argument.name}: ${argument.description}.`;
        throw new ProtocolError(INVALID_PARAMS, message);
      }
      return { messages: [{ role: "user", content: { type: "text", text: text(value) } }] };
    });
  }
}
