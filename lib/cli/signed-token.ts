import { KnowledgeError } from "../domain/error.ts";
import { timestampOf } from "../domain/timestamp.ts";
import type { TokenInput } from "../knowledge/tokens.ts";
import type { Call } from "./command.ts";
import { callerZone, renderMoment } from "./dates.ts";
import { namelessToken } from "./nameless-token.ts";
import { loadSettings, withWholeStore } from "./store.ts";
import { asLine } from "./terminal-text.ts";

interface Options extends Partial<TokenInput> {
  readonly minutes?: string;
}

/** Signs a token with the instance's own secret and prints it, alone on stdout. The store keeps nothing of it. */
export async function printSignedToken(call: Call): Promise<number> {
  const { name, scope, projects, minutes, expires } = call.command.opts<Options>();
  if (name === undefined) throw namelessToken();
  if (expires !== undefined) throw endless();
  const { firstPartySettings } = await import("../credential-settings.ts");
  const { LONGEST_MINUTES, signFirstParty } = await import("../server/signed-tokens.ts");
  const { parseWhole } = await import("../knowledge/arguments.ts");
  const { env, now } = call.door;
  const settings = firstPartySettings((key) => env[key]?.trim() || undefined, "Such a token is signed");
  const count = parseWhole("minutes", minutes, { min: 1, max: LONGEST_MINUTES, otherwise: LONGEST_MINUTES });
  const { tenant } = await loadSettings(call);
  return withWholeStore(call, async (deps) => {
    const { rightsOf } = await import("../knowledge/tokens.ts");
    const rights = await rightsOf(deps, { name, scope, projects });
    if (rights.projects !== "all" && !deps.storage.capabilities.tenants) throw undivided();
    const fromMs = now();
    const untilMs = fromMs + count * 60_000;
    const token = await signFirstParty(settings, { ...rights, tenant }, { fromMs, untilMs });
    const { output } = call;
    if (output.json) output.printJson({ ...rights, tenant, expiresAt: timestampOf(untilMs), token });
    else {
      const until = renderMoment(timestampOf(untilMs), callerZone(undefined));
      output.note(`Signed for ${asLine(rights.name)} of ${tenant}: ${rights.scope}, until ${until}.`);
      output.note("It cannot be taken back; a server takes it whose AIKNOWSYS_AUTH names jwt:");
      output.print(token);
    }
    return 0;
  });
}

function endless(): KnowledgeError {
  return new KnowledgeError("invalid_input", "--expires is not for signed tokens: they count for minutes.", {
    field: "expires",
    hint: "Say --minutes 15, or make a token that can be taken back with `aiknowsys token create`.",
  });
}

function undivided(): KnowledgeError {
  return new KnowledgeError(
    "unsupported",
    "A SQLite store is not divided: no token can be for some projects.",
    {
      field: "projects",
      hint: "Leave --projects out, or keep the store in PostgreSQL.",
    },
  );
}
