/** What the linter checks, and where. Layers, sizes and headers: `properties/tidy.test.ts`. */
import tseslint from "typescript-eslint";
import { determinism } from "./sim/lint/determinism.mjs";

const CODE = ["**/*.ts"];
const TESTS = ["**/*.test.ts"];

export default tseslint.config(
  { ignores: ["node_modules", "coverage", ".millrace"] },
  {
    files: CODE,
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-fallthrough": "error",
      "no-param-reassign": "error",
      "no-var": "error",
      "prefer-const": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/require-array-sort-compare": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    name: "no default exports: one name for a thing, wherever it is imported",
    files: CODE,
    ignores: ["*.config.ts", "**/*.d.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Export it by name." },
      ],
    },
  },
  {
    // Behind the command line is the real world: files, workers, terminals, wall-clock time.
    files: ["src/**/*.ts", "sim/**/*.ts"],
    ignores: [...TESTS, "**/*.d.ts", "src/node/**", "sim/cli/**", "sim/explore/**"],
    rules: {
      ...determinism.rules,
      "no-restricted-syntax": [
        ...determinism.rules["no-restricted-syntax"],
        { selector: "ExportDefaultDeclaration", message: "Export it by name." },
      ],
    },
  },
  { files: TESTS, rules: { "@typescript-eslint/require-array-sort-compare": "off" } },
);
