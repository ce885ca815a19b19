import type { CliCommand } from "../command.ts";
import { globalFlags } from "../globals.ts";
import { loadSettings } from "../store.ts";

interface Options {
  readonly port?: string;
  readonly host?: string;
  readonly migrate?: boolean;
}

export const command: CliCommand = {
  define: (parser) => {
    parser
      .option("--port <n>", "port to listen at (default 3000)")
      .option("--host <address>", "address to listen at (default 127.0.0.1)")
      .option("--migrate", "bring the store's schema up to date before");
  },
  examples: ["aiknowsys serve --storage postgres", "aiknowsys serve --host 0.0.0.0 --port 8080 --migrate"],
  run: async (call) => {
    const { host, port, migrate = false } = call.command.opts<Options>();
    const { quiet, verbose } = globalFlags(call.command);
    const { env } = call.door;
    const { serverSettings } = await import("../../server-settings.ts");
    const { credentialSettings } = await import("../../credential-settings.ts");
    const read = (name: string): string | undefined => env[name]?.trim() || undefined;
    const settings = serverSettings({ host, port }, read);
    const credentials = credentialSettings(settings.auth, read);
    const loaded = await loadSettings(call);
    // A server tells what it does unless told not to: its log is what its owner has to look at.
    const isTold = quiet === true || verbose === true || (env.AIKNOWSYS_LOG_LEVEL ?? "").trim() !== "";
    const config = isTold ? loaded : { ...loaded, logLevel: "info" as const };
    const { serve } = await import("../../../mcp-server/serve.ts");
    const onListening = (address: string): void => {
      const url = `${address}/mcp`;
      const needs = settings.auth.length === 0 ? "without tokens" : `with ${settings.auth.join(", ")}`;
      if (call.output.json) call.output.printJson({ url, storage: config.storage.type, auth: settings.auth });
      else call.output.print(`Serving MCP at ${url} (${config.storage.type}, ${needs}). Ctrl-C ends it.`);
    };
    await serve({ config, settings, credentials, migrate, onListening });
    return 0;
  },
};
