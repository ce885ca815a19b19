import type { JSONRPCMessage } from "./sdk.ts";

/**
 * A tool call whose arguments are null or an object written as JSON text, as some clients send them, with the
 * object that is meant; every other message as it is. The SDK would refuse such a call with a parser's dump.
 */
export function withArgumentsAsObject(message: JSONRPCMessage): JSONRPCMessage {
  if (!("method" in message) || message.method !== "tools/call" || message.params === undefined)
    return message;
  const given: unknown = message.params.arguments;
  const meant = given === null ? {} : typeof given === "string" ? objectIn(given) : undefined;
  return meant === undefined ? message : { ...message, params: { ...message.params, arguments: meant } };
}

function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
