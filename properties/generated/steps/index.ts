/** Every kind of step there is, by name. */
import type { StepKind } from "../step.ts";
import { keyedSteps } from "./keyed.ts";
import { librarySteps } from "./library.ts";
import { statelessSteps } from "./stateless.ts";
import { twoInputSteps } from "./two-inputs.ts";
import { windowSteps } from "./windows.ts";

export const stepKinds: ReadonlyMap<string, StepKind> = new Map(
  [...statelessSteps, ...keyedSteps, ...windowSteps, ...twoInputSteps, ...librarySteps].map(
    (kind) => [kind.kind, kind],
  ),
);

/** @throws Error for a name that a recipe written by hand got wrong */
export function stepKind(name: string): StepKind {
  const kind = stepKinds.get(name);
  if (kind !== undefined) return kind;
  throw new Error(`no step is called "${name}"; there are ${[...stepKinds.keys()].join(", ")}`);
}
