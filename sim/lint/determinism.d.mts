/** The shape of `determinism.mjs`: part of a flat configuration of ESLint. */
type Entry = string | object;

export declare const determinism: Readonly<{
  name: string;
  rules: Readonly<
    Record<
      | "no-restricted-globals"
      | "no-restricted-imports"
      | "no-restricted-properties"
      | "no-restricted-syntax",
      ["error", ...Entry[]]
    >
  >;
}>;
