/**
 * The input of a generated job: every record with an id of its own and an event time, out of order
 * within the bound, perhaps most of one key, perhaps with a pause in the middle.
 */
import type { Random } from "../../src/index.ts";
import type { Input, InputRecord } from "../../sim/history.ts";
import type { Item } from "./item.ts";
import { topicOf } from "./recipe-job.ts";
import type { Recipe, SourceRecipe } from "./recipe.ts";

const KEYS = ["a", "b", "c", "d", "e", "f", "g"];
const HOT_PER_MILLE = 700;
/** Event time between two records of one partition, on average. */
const STEP_MS = 60;
/** Between two arrivals, at most: slow enough for checkpoints and crashes to find a job at work. */
const ARRIVAL_MS_MAX = 400;
const VALUE_MAX = 1_000;
/** Ids leave room for so many records a partition, and partitions a topic. */
const PER_PARTITION = 1_000;
const PARTITIONS_MAX = 16;

export function inputOf({ sources }: Recipe, random: Random): Input {
  return new Map(
    sources.map((source) => {
      const topic = topicOf(source);
      const partitions = Array.from({ length: source.partitions }, (_, partition) =>
        recordsOf(
          source,
          source.number * PARTITIONS_MAX + partition,
          random.fork(`${topic}/${partition}`),
        ),
      );
      return [topic, partitions];
    }),
  );
}

/** @param place unique for each partition of all topics */
function recordsOf(source: SourceRecipe, place: number, random: Random): readonly InputRecord[] {
  const { recordsPerPartition, disorderMs, skewed, pauseMs } = source;
  let newestMs = 0;
  let availableAtMs = random.integer(0, STEP_MS);
  return Array.from({ length: recordsPerPartition }, (_, i) => {
    newestMs += random.integer(0, 2 * STEP_MS);
    availableAtMs += random.integer(0, ARRIVAL_MS_MAX);
    if (i === recordsPerPartition >> 1) availableAtMs += pauseMs;
    const timestampMs = Math.max(0, newestMs - random.integer(0, disorderMs));
    const key = skewed && random.chance(HOT_PER_MILLE) ? "a" : random.pick(KEYS);
    const value: Item = {
      ids: [place * PER_PARTITION + i],
      key,
      n: random.integer(0, VALUE_MAX),
      at: timestampMs,
    };
    return { value, timestampMs, availableAtMs };
  });
}
