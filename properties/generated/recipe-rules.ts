/**
 * What generated jobs are held to: all of their output, where it is determined; and where it depends on
 * timing, how often each input record is in it.
 */
import type { LogicalGraph } from "../../src/index.ts";
import { changelogOutput, changelogView } from "../changelog.ts";
import type { OutputView } from "../output-view.ts";
import type { Property } from "../property.ts";
import { standardProperties } from "../standard.ts";
import type { Item } from "./item.ts";
import type { Recipe } from "./recipe.ts";
import { CHANGES_SINK } from "./step.ts";

export function rulesFor({ mode }: Recipe, job: LogicalGraph): readonly Property[] {
  if (mode === "timing") return standardProperties({ view: provenance });
  const changelogs = job.nodes.flatMap(({ logic }) =>
    logic.kind === "sink" && logic.sink.startsWith(CHANGES_SINK) ? [logic.sink] : [],
  );
  if (changelogs.length === 0) return standardProperties();
  return [changelogOutput(changelogs), ...standardProperties({ view: changelogView(changelogs) })];
}

/** One row for each time that an input record went into an output row, whatever the sink. */
const provenance: OutputView = {
  name: "ids of input records",
  of: (rows) =>
    new Map([["all", [...rows.values()].flatMap((items) => idsOf(items as readonly Item[]))]]),
  monotone: true,
};

const idsOf = (items: readonly Item[]): readonly number[] => items.flatMap(({ ids }) => ids);
