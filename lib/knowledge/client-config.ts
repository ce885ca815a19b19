import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, realpath, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { KnowledgeError } from "../domain/error.ts";
import { type ClientName, type ClientPlace, clientFile, type ServerCommand } from "./clients.ts";
import { withMember } from "./json-member.ts";

/** What registering the server in one client comes to. */
export interface ClientChange {
  readonly client: ClientName;
  /** The client's configuration file. */
  readonly path: string;
  /** `manual`: the file is left as it is, and the reader pastes the snippet. */
  readonly action: "create" | "update" | "unchanged" | "manual";
  /** The lines to add, as the client wants them. */
  readonly snippet: string;
  /** The whole file after the change; absent when it stays as it is. */
  readonly after?: string;
  /** Why the file is left as it is. */
  readonly reason?: string;
}

/**
 * Works out how a client learns of the server; writes nothing. An entry `aiknowsys` that is there already is
 * left as it is, and so is a file that cannot be understood.
 */
export async function planClientChange(
  client: ClientName,
  place: ClientPlace,
  server: ServerCommand,
): Promise<ClientChange> {
  const { path, format, keys, entry } = clientFile(client, place, server);
  const snippet =
    format === "toml" ? tomlSnippet(server) : `${JSON.stringify(nestEntry(keys, entry), null, 2)}\n`;
  const known = { client, path, snippet };
  const before = await readIfThere(path);
  if (before === undefined || before.trim() === "") return { ...known, action: "create", after: snippet };
  return { ...known, ...(format === "toml" ? mergeToml(before, snippet) : mergeJson(before, keys, entry)) };
}

/** Writes a change: the old file is kept beside the new one as `.bak`. Returns the backup's path, if there was a file. */
export async function applyClientChange(change: ClientChange): Promise<string | undefined> {
  if (change.after === undefined) return undefined;
  try {
    // A linked file (dotfiles) is changed where it lives; replacing the link would cut it off.
    const path = existsSync(change.path) ? await realpath(change.path) : change.path;
    await mkdir(dirname(path), { recursive: true });
    const backup = existsSync(path) ? `${path}.bak` : undefined;
    if (backup !== undefined) await copyFile(path, backup);
    const temporary = join(dirname(path), `.aiknowsys-${process.pid}.tmp`);
    await writeFile(temporary, change.after);
    await rename(temporary, path);
    return backup;
  } catch (cause) {
    throw new KnowledgeError("unavailable", `The file ${change.path} cannot be written.`, {
      hint: "Check its permissions, or add the lines yourself: `aiknowsys init --dry-run` shows them.",
      cause,
    });
  }
}

type Merge = Pick<ClientChange, "action" | "after" | "reason">;

function mergeJson(before: string, keys: readonly string[], entry: object): Merge {
  const bom = before.startsWith("\ufeff") ? "\ufeff" : "";
  const text = before.slice(bom.length);
  const parsed = parseJson(text);
  if (parsed === undefined) {
    return { action: "manual", reason: "it has comments or is not valid JSON, so it is left as it is" };
  }
  if (memberOf(parsed, keys) !== undefined)
    return { action: "unchanged", reason: "aiknowsys is registered there already" };
  const after = withMember(text, keys, entry);
  const isSound = after !== undefined && memberOf(parseJson(after), keys) !== undefined;
  if (!isSound)
    return { action: "manual", reason: "it is laid out in an unknown way, so it is left as it is" };
  return { action: "update", after: bom + after };
}

function mergeToml(before: string, snippet: string): Merge {
  if (/^\s*\[\s*mcp_servers\s*\.\s*["']?aiknowsys["']?\s*[\].]/m.test(before)) {
    return { action: "unchanged", reason: "aiknowsys is registered there already" };
  }
  // A table written inline or by dotted keys, or a text that is still open, cannot be continued at the end.
  const isInline = /^\s*(mcp_servers|"mcp_servers")\s*[.=]/m.test(before);
  const isOpen = [/"""/g, /'''/g].some((quotes) => (before.match(quotes)?.length ?? 0) % 2 === 1);
  if (isInline || isOpen)
    return { action: "manual", reason: "it is laid out in an unknown way, so it is left as it is" };
  const newline = before.includes("\r\n") ? "\r\n" : "\n";
  const gap = before.endsWith("\n") ? newline : newline + newline;
  return { action: "update", after: before + gap + snippet.replaceAll("\n", newline) };
}

function tomlSnippet({ command, args }: ServerCommand): string {
  // A JSON string is a TOML basic string for everything that a path can hold.
  return `[mcp_servers.aiknowsys]\ncommand = ${JSON.stringify(command)}\nargs = [${args.map((arg) => JSON.stringify(arg)).join(", ")}]\n`;
}

function nestEntry(keys: readonly string[], entry: object): object {
  return keys.reduceRight<object>((inner, key) => ({ [key]: inner }), entry);
}

function memberOf(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null
        ? Object.entries(inner).find(([name]) => name === key)?.[1]
        : undefined,
    value,
  );
}

/** The object that a text holds, or `undefined` when it holds none. */
function parseJson(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    // Comments or trailing commas: the caller shows the lines to paste instead.
    return undefined;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new KnowledgeError("unavailable", `The file ${path} cannot be read.`, {
      hint: "Check its permissions.",
      cause,
    });
  }
}
