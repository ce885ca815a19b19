import { type McpServer, ResourceNotFoundError, ResourceTemplate } from "@modelcontextprotocol/server";
import { KnowledgeError } from "../lib/domain/error.ts";
import type { Kind } from "../lib/domain/ids.ts";
import { contentOf, publicRow, titleOf } from "../lib/knowledge/public-row.ts";
import type { ServerOptions } from "./server.ts";

const KIND_TITLES: Readonly<Record<Kind, string>> = {
  plan: "Plans",
  session: "Sessions",
  pattern: "Patterns",
  event: "Events",
};
/** Rows of one listing. */
const LISTED = 50;

/** Rows as resources `aiknowsys://project/{project}/{kind}/{ref}`: listable, with completion. */
export function registerResources(server: McpServer, options: ServerOptions): void {
  for (const kind of ["plan", "session", "pattern", "event"] as const) registerKind(server, kind, options);
}

function registerKind(server: McpServer, kind: Kind, options: ServerOptions): void {
  const template = new ResourceTemplate(`aiknowsys://project/{project}/${kind}/{ref}`, {
    list: async () => ({ resources: await listRows(kind, options) }),
    complete: {
      project: async (value) =>
        (await projectsOf(options)).map(({ ref }) => ref).filter((ref) => ref.startsWith(value)),
      ref: async (value) =>
        (await listRows(kind, options))
          .map(({ uri }) => uri.slice(uri.lastIndexOf("/") + 1))
          .filter((ref) => ref.startsWith(value)),
    },
  });
  server.registerResource(
    kind,
    template,
    { title: KIND_TITLES[kind], mimeType: kind === "event" ? "application/json" : "text/markdown" },
    async (uri, variables) => {
      const found = await findRow(options, kind, String(variables.project), String(variables.ref));
      if (found === undefined) throw new ResourceNotFoundError(uri.href);
      const text = contentOf(found) ?? JSON.stringify(publicRow(found.row));
      return {
        contents: [
          { uri: uri.href, mimeType: kind === "event" ? "application/json" : "text/markdown", text },
        ],
      };
    },
  );
}

async function projectsOf(options: ServerOptions) {
  const { deps } = await options.opener.open();
  return deps.storage.projects.list();
}

async function findRow(options: ServerOptions, kind: Kind, project: string, ref: string) {
  const { deps } = await options.opener.open();
  const { findScope } = await import("../lib/knowledge/project.ts");
  const { getRow } = await import("../lib/knowledge/resolve.ts");
  const { cwd, userHome } = options.config();
  try {
    return await getRow(deps, await findScope(deps, { cwd, userHome, project }), ref, [kind]);
  } catch (error) {
    if (error instanceof KnowledgeError && (error.code === "not_found" || error.code === "invalid_input"))
      return undefined;
    throw error;
  }
}

async function listRows(kind: Kind, options: ServerOptions) {
  const { deps } = await options.opener.open();
  const { findScope } = await import("../lib/knowledge/project.ts");
  const { cwd, userHome, project } = options.config();
  const scope = await findScope(deps, { cwd, userHome, project });
  if (scope.project === undefined) return [];
  const { ref: projectRef, id } = scope.project;
  const { rowsByIds } = await import("../lib/knowledge/read-back.ts");
  const page = await newest(deps.storage, kind, id);
  const rows = await rowsByIds(
    deps,
    id,
    kind,
    page.map((row) => row.id),
  );
  return rows.map((found) => ({
    uri: `aiknowsys://project/${projectRef}/${kind}/${found.row.ref}`,
    name: titleOf(found),
    mimeType: kind === "event" ? "application/json" : "text/markdown",
  }));
}

async function newest(
  storage: Awaited<ReturnType<ServerOptions["opener"]["open"]>>["deps"]["storage"],
  kind: Kind,
  project: Parameters<typeof storage.projects.counts>[0],
) {
  const projects = [project];
  switch (kind) {
    case "plan":
      return (await storage.plans.query({ projects }, { limit: LISTED })).items;
    case "session":
      return (await storage.sessions.query({ projects }, { limit: LISTED })).items;
    case "pattern":
      return (await storage.patterns.query({ projects }, { limit: LISTED })).items;
    case "event":
      return (await storage.events.query({ projects }, { limit: LISTED })).items;
    default:
      return kind satisfies never;
  }
}
