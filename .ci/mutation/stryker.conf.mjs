/** How the source is mutated by machine. Which files: the arguments of `.ci/mutate`. */
import { fileURLToPath } from "node:url";

const beside = (name) => fileURLToPath(new URL(name, import.meta.url));

export default {
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner", beside("messages.mjs")],
  ignorers: ["messages"],
  vitest: { configFile: ".ci/mutation/vitest.config.mjs", related: true },
  coverageAnalysis: "perTest",
  // What runs when a module is loaded would need a process of its own for every mutant.
  ignoreStatic: true,
  reporters: ["json"],
  jsonReporter: { fileName: ".millrace/mutation.json" },
  tempDirName: ".millrace/stryker",
  // A mutant that never ends is given up on; a busy machine is no endless loop.
  timeoutMS: 20_000,
  concurrency: 1,
  ignorePatterns: [".millrace", "coverage", ".ci/mutation/node_modules"],
};
