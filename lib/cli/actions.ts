import { KnowledgeError } from "../domain/error.ts";
import type { Call } from "./command.ts";

/** What a command such as `token` can do: each action with the names of what follows it. */
export type Actions = Readonly<
  Record<string, { readonly given: readonly string[]; readonly run: (call: Call) => Promise<number> }>
>;

/** Does the action that the command line names. @throws KnowledgeError `invalid_input` for another one, or for too little or too much after it. */
export async function runAction(call: Call, actions: Actions): Promise<number> {
  const [name = "", ...given] = call.command.args;
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined) {
    throw new KnowledgeError("invalid_input", `There is no action "${name.slice(0, 40)}" here.`, {
      ...{ field: "action", valid: Object.keys(actions) },
      hint: `Use one of ${Object.keys(actions).join(", ")}.`,
    });
  }
  if (given.length === action.given.length && given.every((text) => text.trim() !== ""))
    return action.run(call);
  const form = [name, ...action.given.map((what) => `<${what}>`)].join(" ");
  throw new KnowledgeError("invalid_input", `${name} is not given what it needs.`, {
    field: action.given[0] ?? "action",
    hint: `Write it as: ${call.command.name()} ${form}`,
  });
}
