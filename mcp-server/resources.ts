import type { Kind } from "../lib/domain/ids.ts";
import { type McpServer, ResourceNotFoundError, ResourceTemplate } from "./sdk.ts";
import type { ServerOptions } from "./server-options.ts";

const KIND_TITLES: Readonly<Record<Kind, string>> = {
  plan: "Plans",
  session: "Sessions",
  pattern: "Patterns",
  event: "Events",
};

/** Rows as resources `aiknowsys://project/{project}/{kind}/{ref}`: listable page by page, with completion. */
export function registerResources(server: McpServer, options: ServerOptions): void {
  for (const kind of ["plan", "session", "pattern", "event"] as const) registerKind(server, kind, options);
  // The SDK's own listing puts everything on one page.
  server.server.setRequestHandler("resources/list", async (request) => {
    const { listResources } = await import("./resource-rows.ts");
    return listResources(options, request.params?.cursor);
  });
}

function registerKind(server: McpServer, kind: Kind, options: ServerOptions): void {
  const template = new ResourceTemplate(`aiknowsys://project/{project}/${kind}/{ref}`, {
    list: undefined,
    complete: {
      project: async (value) => (await import("./resource-rows.ts")).completeProject(options, value),
      ref: async (value, context) =>
        (await import("./resource-rows.ts")).completeRef(options, kind, value, context?.arguments?.project),
    },
  });
  const mimeType = kind === "event" ? "application/json" : "text/markdown";
  server.registerResource(kind, template, { title: KIND_TITLES[kind], mimeType }, async (uri, variables) => {
    const { readResource } = await import("./resource-rows.ts");
    const text = await readResource(options, kind, String(variables.project), String(variables.ref));
    if (text === undefined) throw new ResourceNotFoundError(uri.href);
    return { contents: [{ uri: uri.href, mimeType, text }] };
  });
}
