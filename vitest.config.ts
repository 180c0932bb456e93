/** How the tests run: every `x.test.ts` beside its file, and how much of the code they must reach. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{src,sim,properties,scenarios,bench}/**/*.test.ts"],
    // Whole simulated runs on a slow shared machine: the bound is there for loops, not for speed.
    testTimeout: 60_000,
    // One a core: the default leaves a core idle, which on a machine with two is half of it.
    maxWorkers: "100%",
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts", "sim/**/*.ts"],
      // Test suites are not what is measured. The entry shims of the command line (`bin.mjs` and its
      // kin) are no TypeScript: they run in processes of their own, where nothing is counted.
      exclude: [
        "**/*.test.ts",
        "**/*.{contract,fixture}.ts",
        "**/{testing,contract}/**",
        "**/testing.ts",
      ],
      reporter: ["text-summary", "json-summary", "html"],
      reportOnFailure: true,
      thresholds: { "src/**": { lines: 90 }, "sim/**": { lines: 90 } },
    },
  },
});
