/**
 * The tests in the folders of what is mutated, which `.ci/mutate` names. What a machine promises is said
 * beside it, where it runs in milliseconds; whole runs are what the lists of known bugs are for.
 */
import { defineConfig } from "vitest/config";

const folders = (process.env.MUTATED_FOLDERS ?? "src/**").split(",");

export default defineConfig({
  test: { include: folders.map((folder) => `${folder}/*.test.ts`), testTimeout: 60_000 },
});
