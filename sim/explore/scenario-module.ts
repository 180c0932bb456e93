/**
 * A scenario out of a module, this project's own or a stranger's: loaded by path, found by its shape.
 *
 * Errors are values with the reason in words: a module that throws or exports no scenario is the
 * caller's mistake, and is told so without a stack of ours.
 */
import { pathToFileURL } from "node:url";
import type { Result } from "../../src/index.ts";
import { err, ok, unreachable } from "../../src/index.ts";
import type { Scenario } from "../scenario.ts";

export type ScenarioError = Readonly<
  { kind: "threw"; message: string } | { kind: "none" } | { kind: "several"; names: string[] }
>;

const LISTS = ["faults", "properties"] as const;
const OBJECTS = ["job", "swarm", "options"] as const;

function isScenario(value: unknown): value is Scenario {
  if (typeof value !== "object" || value === null) return false;
  const candidate = value as Record<string, unknown>;
  return (
    typeof candidate["name"] === "string" &&
    typeof candidate["input"] === "function" &&
    typeof candidate["quietAfterMs"] === "number" &&
    LISTS.every((key) => Array.isArray(candidate[key])) &&
    OBJECTS.every((key) => typeof candidate[key] === "object" && candidate[key] !== null)
  );
}

/** @param wanted the name to choose by where a module exports several */
export async function loadScenario(
  path: string,
  wanted?: string,
): Promise<Result<Scenario, ScenarioError>> {
  let module: Record<string, unknown>;
  try {
    module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (thrown) {
    const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return err({ kind: "threw", message });
  }
  const found = [...new Set(Object.values(module).filter(isScenario))];
  const chosen = found.find((scenario) => scenario.name === wanted);
  if (chosen !== undefined) return ok(chosen);
  const [only, ...others] = found;
  if (only === undefined) return err({ kind: "none" });
  if (others.length > 0) return err({ kind: "several", names: found.map(({ name }) => name) });
  return ok(only);
}

export function describeScenarioError(path: string, error: ScenarioError): string {
  switch (error.kind) {
    case "threw":
      return `${path}: the module cannot be loaded: ${error.message}`;
    case "none":
      return `${path}: exports no scenario; write "export const name = scenario({ ... })" (see scenarios/scenario.ts)`;
    case "several":
      return `${path}: exports ${error.names.length} scenarios (${error.names.join(", ")}); export one a module`;
    default:
      return unreachable(error);
  }
}
