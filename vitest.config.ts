import { configDefaults, defineConfig } from "vitest/config";

// They need a program that `npm run conformance` fetches.
const needsSuite = process.env.CONFORMANCE_FOLDER === undefined ? ["test/conformance/**"] : [];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...needsSuite],
    globalSetup: ["test/helpers/postgres-server.ts"],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
