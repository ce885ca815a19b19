import type { TenantFigures } from "../../domain/tenant.ts";
import { type Actions, runAction } from "../actions.ts";
import type { Call, CliCommand } from "../command.ts";
import { callerZone, renderDay } from "../dates.ts";
import { withWholeStore } from "../store.ts";
import { type Column, renderTable } from "../table.ts";

const ACTIONS: Actions = {
  create: { given: ["name"], run: create },
  list: { given: [], run: list },
};

export const command: CliCommand = {
  define: (parser) => {
    parser.argument("<action>", "create or list").argument("[name]", "name of the new tenant");
  },
  examples: ["aiknowsys tenant create harbour", "aiknowsys tenant list"],
  run: (call) => runAction(call, ACTIONS),
};

function create(call: Call): Promise<number> {
  return withWholeStore(call, async (deps) => {
    const { createTenant } = await import("../../knowledge/tenants.ts");
    const { output } = call;
    const tenant = await createTenant(deps, { name: call.command.args[1] ?? "" });
    if (output.json) output.printJson(tenant);
    else {
      output.print(`Created the tenant ${output.style("cyan", tenant.name)}.`);
      output.note(
        `Give it a token: aiknowsys token create --tenant ${tenant.name} --name <who> --scope write`,
      );
    }
    return 0;
  });
}

function list(call: Call): Promise<number> {
  return withWholeStore(call, async (deps) => {
    const { listTenants } = await import("../../knowledge/tenants.ts");
    const { output } = call;
    const tenants = await listTenants(deps);
    if (output.json) output.printJson({ count: tenants.length, tenants });
    else {
      const emphasise = (text: string): string => output.style("bold", text);
      output.print(renderTable(columns(callerZone(undefined)), tenants, { width: output.width, emphasise }));
    }
    return 0;
  });
}

function columns(zone: string): readonly Column<TenantFigures>[] {
  return [
    { title: "TENANT", cell: ({ name }) => name, flexible: true },
    { title: "PROJECTS", cell: ({ projects }) => String(projects), right: true },
    { title: "TOKENS", cell: ({ tokens }) => String(tokens), right: true },
    { title: "CREATED", cell: ({ createdAt }) => renderDay(createdAt, zone) },
  ];
}
