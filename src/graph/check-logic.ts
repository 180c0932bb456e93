/** What is wrong with what a node says: one case for each kind that can be wrong. */
import { checkAsync } from "../operators/async/async-spec.ts";
import { checkBundle } from "../operators/bundle/bundle-spec.ts";
import { checkReduce } from "../operators/check-reduce.ts";
import { checkIntervalJoin, checkJoin } from "../operators/join/check-join.ts";
import { checkDeduplicate, checkTopN } from "../operators/ranking/check-ranking.ts";
import { checkPattern } from "../operators/pattern/pattern-spec.ts";
import { checkAssignedWatermarks, checkWatermarks } from "../time/check-watermarks.ts";
import { checkCoGroup, checkWindow } from "../operators/window/check-window.ts";
import type { NodeLogic, SourceLogic } from "./logical-graph.ts";

/** @param where names the operator, for the sentences */
export function checkLogic(where: string, logic: NodeLogic): string[] {
  switch (logic.kind) {
    case "source":
      return checkSource(where, logic);
    case "window":
      return checkWindow(where, logic.spec);
    case "co-group":
      return checkCoGroup(where, logic.spec);
    case "sink":
    case "writer":
      return logic.sink === "" ? [`${where}: the name of its ledger sink is empty; give one`] : [];
    case "table":
      return logic.table === "" ? [`${where}: the name of its table is empty; give one`] : [];
    case "reduce":
      return checkReduce(where, logic.reduce);
    case "interval-join":
      return checkIntervalJoin(where, logic.spec);
    case "join":
      return checkJoin(where, logic.spec);
    case "deduplicate":
      return checkDeduplicate(where, logic.spec);
    case "top-n":
      return checkTopN(where, logic.spec);
    case "pattern":
      return checkPattern(where, logic.spec);
    case "async":
      return checkAsync(where, logic.spec);
    case "bundle":
      return checkBundle(where, logic.spec);
    case "assign-watermarks":
      return checkAssignedWatermarks(where, logic.watermarks);
    default:
      return [];
  }
}

function checkSource(where: string, { topic, watermarks }: SourceLogic): string[] {
  const problems = topic === "" ? [`${where}: its topic is empty; name one`] : [];
  return [...problems, ...checkWatermarks(where, watermarks)];
}
