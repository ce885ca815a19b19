import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// They need a program that `npm run conformance` fetches.
const needsSuite = process.env.CONFORMANCE_FOLDER === undefined ? ["test/conformance/**"] : [];

/** Vitest begins with the largest files; the contract's are small and take minutes, so that it would end with them. */
class ContractFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isContract = ({ moduleId }: TestSpecification) => moduleId.includes("/test/contract/");
    const sorted = await super.sort(files);
    return [...sorted.filter(isContract), ...sorted.filter((file) => !isContract(file))];
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...needsSuite],
    globalSetup: ["test/helpers/postgres-server.ts"],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: ContractFirst },
  },
});
