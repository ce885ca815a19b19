import { KnowledgeError } from "../domain/error.ts";

/** Every token is somebody's: the name stands in the history of what is written with it. */
export function namelessToken(): KnowledgeError {
  return new KnowledgeError("invalid_input", "--name is missing.", {
    field: "name",
    hint: "Say who or what will use the token: --name ci",
  });
}
