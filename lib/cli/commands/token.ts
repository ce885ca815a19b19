import type { Token } from "../../domain/token.ts";
import type { IssuedToken, TokenInput } from "../../knowledge/tokens.ts";
import { type Actions, runAction } from "../actions.ts";
import type { Call, CliCommand } from "../command.ts";
import { callerZone, renderDay, renderMoment } from "../dates.ts";
import { namelessToken } from "../nameless-token.ts";
import type { Output } from "../output.ts";
import { withWholeStore } from "../store.ts";
import { type Column, renderTable } from "../table.ts";
import { asLine } from "../terminal-text.ts";

interface Options extends Partial<TokenInput> {
  readonly overlap?: string;
  readonly all?: boolean;
}

const ACTIONS: Actions = {
  create: { given: [], run: create },
  jwt: { given: [], run: async (call) => (await import("../signed-token.ts")).printSignedToken(call) },
  list: { given: [], run: list },
  rotate: { given: ["token"], run: rotate },
  revoke: { given: ["token"], run: revoke },
};

export const command: CliCommand = {
  define: (parser) => {
    parser
      .argument("<action>", "create, jwt, list, rotate or revoke")
      .argument(
        "[which]",
        "ref or name of the token to rotate or revoke; a name revokes all tokens that have it",
      )
      .option("--name <text>", "create, jwt: who or what uses it")
      .option("--scope <right>", "create, jwt: read, write or admin (default: read)")
      .option(
        "--projects <list>",
        "create, jwt: only these projects, with commas between them (default: all)",
      )
      .option("--expires <days>", "create, rotate: after how many days, or never (default: 90)")
      .option("--minutes <n>", "jwt: for how long it counts, at most 60 (default: 60)")
      .option("--overlap <hours>", "rotate: how long the old text still counts (default: 24)")
      .option("--all", "list: also those that were revoked or have expired");
  },
  examples: [
    "aiknowsys token create --tenant harbour --name ci --scope write --projects app,docs --expires 30",
    "aiknowsys token jwt --tenant harbour --name ci --scope write --minutes 15",
    "aiknowsys token list --all",
    "aiknowsys token rotate tok_k3v9t2qa --overlap 2",
    "aiknowsys token revoke ci",
  ],
  run: (call) => runAction(call, ACTIONS),
};

function create(call: Call): Promise<number> {
  const { name, ...options } = call.command.opts<Options>();
  if (name === undefined) throw namelessToken();
  return withWholeStore(call, async (deps) => {
    const { createToken } = await import("../../knowledge/tokens.ts");
    const { scope, projects, expires } = options;
    printIssued(call.output, "Created", await createToken(deps, { name, scope, projects, expires }));
    return 0;
  });
}

function rotate(call: Call): Promise<number> {
  return withWholeStore(call, async (deps) => {
    const { rotateToken } = await import("../../knowledge/tokens.ts");
    const { overlap, expires } = call.command.opts<Options>();
    const rotated = await rotateToken(deps, { id: call.command.args[1] ?? "", overlap, expires });
    printIssued(call.output, "Rotated", rotated);
    const { ref, expiresAt = "" } = rotated.replaced;
    const until = renderMoment(expiresAt, callerZone(undefined));
    if (!call.output.json) call.output.note(`The old text (${ref}) counts until ${until}.`);
    return 0;
  });
}

function revoke(call: Call): Promise<number> {
  return withWholeStore(call, async (deps) => {
    const { revokeTokens } = await import("../../knowledge/tokens.ts");
    const { output } = call;
    const tokens = await revokeTokens(deps, { id: call.command.args[1] ?? "" });
    if (output.json) output.printJson({ count: tokens.length, tokens });
    else
      for (const { ref, name } of tokens)
        output.print(`Revoked ${output.style("cyan", ref)} ${asLine(name)}: it counts nowhere any more.`);
    return 0;
  });
}

function list(call: Call): Promise<number> {
  return withWholeStore(call, async (deps) => {
    const { listTokens } = await import("../../knowledge/tokens.ts");
    const { output } = call;
    const { all } = call.command.opts<Options>();
    const tokens = await listTokens(deps, { all });
    if (output.json) output.printJson({ count: tokens.length, tokens });
    else if (tokens.length === 0)
      output.note(
        all === true
          ? "No token yet: see `aiknowsys token create --help`."
          : "No token counts here now; --all shows the others.",
      );
    else {
      const emphasise = (text: string): string => output.style("bold", text);
      output.print(renderTable(columns(callerZone(undefined)), tokens, { width: output.width, emphasise }));
    }
    return 0;
  });
}

/** The token's text alone goes to stdout, so that a script can take it from there. */
function printIssued(output: Output, verb: string, { token, ...issued }: IssuedToken): void {
  if (output.json) {
    output.printJson({ ...issued, token });
    return;
  }
  const { ref, name, scope, projects, expiresAt } = issued;
  const where =
    projects === "all"
      ? "all projects"
      : `${projects.length} ${projects.length === 1 ? "project" : "projects"}`;
  const until =
    expiresAt === undefined ? "never expires" : `expires on ${renderDay(expiresAt, callerZone(undefined))}`;
  output.note(`${verb} ${ref} for ${asLine(name)}: ${scope}, ${where}, ${until}.`);
  output.note("This is shown once; what is kept of it cannot be turned back into it:");
  output.print(token);
}

function columns(zone: string): readonly Column<Token>[] {
  const moment = (at: string | undefined) => (at === undefined ? "" : renderMoment(at, zone));
  return [
    { title: "REF", cell: ({ ref }) => ref },
    { title: "NAME", cell: ({ name }) => name, flexible: true },
    { title: "SCOPE", cell: ({ scope }) => scope },
    { title: "PROJECTS", cell: ({ projects }) => (projects === "all" ? "all" : String(projects.length)) },
    {
      title: "EXPIRES",
      cell: ({ expiresAt }) => (expiresAt === undefined ? "never" : renderDay(expiresAt, zone)),
    },
    { title: "LAST USE", cell: ({ lastUsedAt }) => moment(lastUsedAt) },
    { title: "REVOKED", cell: ({ revokedAt }) => moment(revokedAt) },
    { title: "CREATED", cell: ({ createdAt }) => renderDay(createdAt, zone), minor: true },
  ];
}
