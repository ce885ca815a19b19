// Import directions of the house as named rules. The house test asserts that every source file was
// really read: with a TypeScript it does not know, dependency-cruiser reads none and still exits 0.
const DIALECT = "^lib/storage/(sqlite|postgres)/";
const only = (name, home, pkg) => ({
  name,
  severity: "error",
  from: { pathNot: [home, "^(test|bench|eval|scripts)/"] },
  to: { path: `node_modules/(${pkg})(/|$)` },
});

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-unresolved",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "onnxruntime-node" },
    },
    {
      name: "no-orphans",
      severity: "error",
      from: { orphan: true, pathNot: ["\\.d\\.ts$"] },
      to: {},
    },
    {
      name: "domain-imports-domain-and-zod",
      severity: "error",
      from: { path: "^lib/domain/" },
      to: { pathNot: ["^lib/domain/", "node_modules/zod/", "^(node:)?crypto$"] },
    },
    {
      name: "adapter-interface-is-types-over-domain",
      severity: "error",
      from: { path: "^lib/storage/(adapter\\.ts$|contract/)" },
      to: { pathNot: ["^lib/domain/", "^lib/storage/contract/"] },
    },
    {
      name: "ranking-is-pure-over-domain",
      severity: "error",
      from: { path: "^lib/ranking/" },
      to: { path: "^(lib|mcp-server)/", pathNot: ["^lib/ranking/", "^lib/domain/"] },
    },
    {
      name: "dialects-are-strangers",
      severity: "error",
      from: { path: DIALECT },
      to: { path: DIALECT, pathNot: "^lib/storage/$1/" },
    },
    {
      name: "dialects-see-adapter-migrate-ranking-domain",
      severity: "error",
      from: { path: DIALECT },
      to: {
        path: "^(lib|mcp-server)/",
        pathNot: [
          "^lib/storage/$1/",
          "^lib/storage/(adapter|migrate)\\.ts$",
          "^lib/storage/(contract|neutral)/",
          "^lib/ranking/",
          "^lib/domain/",
        ],
      },
    },
    {
      name: "what-engines-share-knows-no-engine",
      severity: "error",
      from: { path: "^lib/storage/neutral/" },
      to: {
        path: "^(lib|mcp-server)/",
        pathNot: ["^lib/storage/(contract|neutral)/", "^lib/ranking/", "^lib/domain/"],
      },
    },
    {
      name: "only-the-factory-knows-dialects",
      severity: "error",
      from: {
        path: "^(lib|mcp-server)/",
        pathNot: ["^lib/storage/factory\\.ts$", "^lib/index\\.ts$", DIALECT],
      },
      to: { path: DIALECT },
    },
    {
      name: "only-compose-opens-things",
      severity: "error",
      from: { path: "^(lib|mcp-server)/", pathNot: "^lib/(compose|index)\\.ts$" },
      to: { path: "^lib/(storage/factory|embedding/registry)\\.ts$" },
    },
    {
      name: "only-compose-opens-buckets",
      severity: "error",
      from: { path: "^(lib|mcp-server)/", pathNot: "^lib/(compose-bucket\\.ts$|bucket/)" },
      to: { path: "^lib/bucket/", pathNot: "^lib/bucket/bucket\\.ts$" },
    },
    {
      name: "buckets-see-domain",
      severity: "error",
      from: { path: "^lib/bucket/" },
      to: {
        path: "^(lib|mcp-server)/",
        pathNot: ["^lib/bucket/", "^lib/bucket-settings\\.ts$", "^lib/domain/"],
      },
    },
    {
      name: "markdown-and-embedding-see-domain",
      severity: "error",
      from: { path: "^lib/(markdown|embedding)/" },
      to: { path: "^(lib|mcp-server)/", pathNot: ["^lib/$1/", "^lib/domain/"] },
    },
    {
      name: "knowledge-never-opens-or-prints",
      severity: "error",
      from: { path: "^lib/knowledge/" },
      to: { path: "^(lib/(config|compose|index)\\.ts|lib/cli/|mcp-server/)" },
    },
    {
      name: "doors-are-leaves",
      severity: "error",
      from: { path: "^lib/", pathNot: "^lib/cli/" },
      to: { path: "^(lib/cli/|mcp-server/)" },
    },
    {
      name: "doors-ignore-each-other",
      severity: "error",
      from: { path: "^(lib/cli|mcp-server)/", pathNot: "^lib/cli/commands/(mcp|serve)\\.ts$" },
      to: { path: "^(lib/cli|mcp-server)/", pathNot: "^$1/" },
    },
    {
      name: "doors-use-knowledge-not-storage",
      severity: "error",
      from: { path: "^(lib/cli|mcp-server)/" },
      to: { path: "^lib/(storage|embedding|markdown)/" },
    },
    {
      name: "source-never-imports-test",
      severity: "error",
      from: { pathNot: "^test/" },
      to: { path: "^test/" },
    },
    only("sqlite-driver-stays-home", "^lib/storage/sqlite/", "better-sqlite3"),
    only("postgres-driver-stays-home", "^lib/storage/postgres/", "pg|pgvector|@electric-sql/pglite"),
    only("mcp-sdk-stays-home", "^mcp-server/", "@modelcontextprotocol/[^/]+"),
    only("model-runtime-stays-home", "^lib/embedding/", "onnxruntime-web|onnxruntime-node"),
    only("signatures-stay-home", "^lib/server/", "jose"),
    only("bucket-client-stays-home", "^lib/bucket/", "aws4fetch"),
    only("yaml-stays-home", "^lib/markdown/", "yaml"),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^lib/storage/sqlite/kernel/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".js"],
    },
  },
};
