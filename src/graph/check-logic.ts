/** What is wrong with what a node says: one case for each kind that can be wrong. */
import type { NodeLogic, SourceLogic } from "./logical-graph.ts";

/** @param where names the operator, for the sentences */
export function checkLogic(where: string, logic: NodeLogic): string[] {
  switch (logic.kind) {
    case "source":
      return checkSource(where, logic);
    case "sink":
      return logic.sink === "" ? [`${where}: the name of its ledger sink is empty; give one`] : [];
    default:
      return [];
  }
}

function checkSource(where: string, { topic, watermarks }: SourceLogic): string[] {
  const problems = topic === "" ? [`${where}: its topic is empty; name one`] : [];
  if (watermarks.generation.kind !== "bounded-out-of-orderness") return problems;
  const { outOfOrderMsMax } = watermarks.generation;
  if (Number.isSafeInteger(outOfOrderMsMax) && outOfOrderMsMax >= 0) return problems;
  return [
    ...problems,
    `${where}: watermarks tolerate ${outOfOrderMsMax} ms; give an integer from 0 up`,
  ];
}
