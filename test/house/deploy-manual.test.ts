import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { aliasesOf, entriesOfCommands } from "../../lib/cli/commands.ts";
import { ENVIRONMENT_VARIABLES } from "../../lib/config.ts";
import { MOST_BODY_BYTES } from "../../lib/domain/document-exchange.ts";
import { type Metrics, openMetrics } from "../../lib/server/metrics.ts";
import { repositoryFiles, textOf } from "./tree.ts";

const manual = textOf("docs/deploy.md");
const blocks = [...manual.matchAll(/```(\w*)\n([\s\S]*?)```/g)].map(([, language = "", text = ""]) => ({
  language,
  text,
}));

/** The file that a block begins with the name of. */
function fileNamed(name: string): string {
  const found = blocks.find(({ text }) => text.startsWith("# ") && text.split("\n")[0]?.includes(name));
  if (found === undefined) throw new Error(`The manual has no ${name}.`);
  return found.text;
}

/** The number of milliseconds that a constant of a source has. */
function constantOf(path: string, name: string): number {
  const [, number = ""] = new RegExp(`^const ${name} = ([\\d_]+);$`, "m").exec(textOf(path)) ?? [];
  return Number(number.replaceAll("_", "") || Number.NaN);
}

describe("docs/deploy.md", () => {
  const unit = fileNamed("/aiknowsys@.service");
  const caddy = fileNamed("Caddyfile");
  const nginx = fileNamed("aiknowsys.conf");

  it("sets only variables that the program reads", () => {
    const names = blocks
      .filter(({ language }) => language === "ini" || language === "sh")
      .flatMap(({ text }) => [
        ...text.matchAll(/(?:^|[ '])(?:Environment=)?((?:AIKNOWSYS|POSTGRES|STORAGE|PORT|HOST)\w*)=/gm),
      ])
      .map(([, name = ""]) => name);
    expect(names.length).toBeGreaterThan(8);
    expect(names.filter((name) => !Object.keys(ENVIRONMENT_VARIABLES).includes(name))).toEqual([]);
  });

  it("types only commands that there are", () => {
    const known = new Set(entriesOfCommands().flatMap(([name, entry]) => [name, ...aliasesOf(entry)]));
    const typed = [
      ...manual.matchAll(
        /(?:(?:^|`|&& )owner|\.bin\/aiknowsys|cli\/main\.js|npx aiknowsys) ([a-z][a-z-]+)\b/gm,
      ),
    ].map(([, name = ""]) => name);
    expect(typed.length).toBeGreaterThan(15);
    expect(typed.filter((name) => !known.has(name))).toEqual([]);
  });

  it("lets the proxies pass what clients and probes ask for, and nothing else", () => {
    const routes = [
      ...(/const ROUTES[^;]+/.exec(textOf("lib/server/http-door.ts"))?.[0] ?? "").matchAll(/"(\/\w+)"/g),
    ]
      .map(([, path = ""]) => path)
      .filter((path) => path !== "/metrics");
    expect(routes).toContain("/mcp");
    expect(/@served path (.+)$/m.exec(caddy)?.[1]?.split(" ").sort()).toEqual([...routes].sort());
    const located = [...nginx.matchAll(/location = (\S+) \{ proxy_pass/g)].map(([, path]) => path);
    expect(located.sort()).toEqual([...routes].sort());
    expect(nginx).toContain("location / { return 404; }");
  });

  it("lets nginx refuse a flood from one address as the server does, at what a token is needed for", () => {
    const [, zone] = /limit_req_zone \$binary_remote_addr zone=(\w+):10m rate=\d+r\/s;/.exec(nginx) ?? [];
    expect(nginx).toContain("limit_req_status 429;");
    for (const path of ["/mcp", "/documents"])
      expect(nginx).toMatch(
        new RegExp(`location = ${path} \\{[^}]* limit_req zone=${zone} burst=\\d+ nodelay; \\}`),
      );
  });

  it("lets the proxies take bodies as large as the server does, and wait as long as a call may take", () => {
    const mebibytes = MOST_BODY_BYTES / 1_048_576;
    expect(caddy).toContain(`max_size ${mebibytes}MiB`);
    expect(nginx).toContain(`client_max_body_size ${mebibytes}m;`);
    const waits = Number(/proxy_read_timeout (\d+)s;/.exec(nginx)?.[1]) * 1_000;
    expect(waits).toBeGreaterThan(constantOf("mcp-server/service.ts", "CALL_TIMEOUT_MS"));
    expect(nginx).toContain("proxy_buffering off;");
    expect(caddy).toContain("flush_interval -1");
    // Without it, requests that come through the proxy would pass for this machine's own.
    expect(nginx).toContain("proxy_set_header X-Forwarded-For");
  });

  it("gives the service the time that calls under way are given, and a port and home of its own", () => {
    const stops = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]) * 1_000;
    expect(stops).toBeGreaterThan(constantOf("mcp-server/serve.ts", "GRACE_MS") + 2_000);
    expect(unit).toContain("Environment=PORT=%i");
    const home = /AIKNOWSYS_HOME=(\S+)/.exec(unit)?.[1] ?? "";
    expect(home).toBe(`/var/lib/${/^StateDirectory=(\S+)$/m.exec(unit)?.[1]}`);
    // What is in the file wins over what is in the unit.
    expect(fileNamed("server.env")).not.toMatch(/^(PORT|HOST|AIKNOWSYS_HOME)=/m);
  });

  it("alarms on figures that the server has", () => {
    const { groups } = parse(fileNamed("rules/aiknowsys.yml"));
    const rules: readonly { readonly alert: string; readonly expr: string }[] = groups[0].rules;
    const source = textOf("lib/server/metrics.ts");
    for (const { alert, expr } of rules) {
      const names = [...expr.matchAll(/\b((?:aiknowsys|process)_\w+?)(?:_bucket)?(?=[{[\s)]|$)/g)].map(
        ([, name = ""]) => name,
      );
      if (alert !== "AiknowsysDown") expect(names.length, alert).toBeGreaterThan(0);
      for (const name of names) expect(source, alert).toContain(`  ${name}: [`);
    }
    expect(rules.length).toBeGreaterThan(6);
  });

  it("asks for figures by labels that they have", () => {
    const metrics: Metrics = openMetrics();
    metrics.count("aiknowsys_http_requests_total", { route: "/mcp", status: "401" });
    metrics.observe("aiknowsys_tool_call_seconds", { tool: "query_plans" }, 0.1);
    const shown = metrics.render([]);
    expect(shown).toContain('aiknowsys_http_requests_total{route="/mcp",status="401"} 1');
    expect(shown).toContain('aiknowsys_tool_call_seconds_bucket{tool="query_plans",le="1"} 1');
    expect(textOf("lib/server/http-door.ts")).toContain("{ route, status }");
  });

  it("leads to pages and headings that there are, and is led to", () => {
    const files = repositoryFiles();
    for (const [, path = "", heading] of manual.matchAll(/\]\(([^)#]*)(?:#([^)]+))?\)/g)) {
      const file = path === "" ? "docs/deploy.md" : new URL(path, "file:///docs/").pathname.slice(1);
      expect(files).toContain(file);
      if (heading !== undefined) expect(headingsOf(file), `${file}#${heading}`).toContain(heading);
    }
    for (const page of ["README.md", "docs/server.md", "docs/postgres.md", "SECURITY.md"])
      expect(textOf(page), page).toMatch(/\((docs\/)?deploy\.md[^)]*\)/);
  });
});

function headingsOf(file: string): readonly string[] {
  return [...textOf(file).matchAll(/^#+ (.+)$/gm)].map(([, words = ""]) =>
    words
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(/\s/g, "-"),
  );
}
