/** The tests beside the source that is mutated. Whole runs are what the lists of known bugs are for. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["src/**/*.test.ts"], testTimeout: 60_000 },
});
