/**
 * Sums what an archive and a live feed have counted, by second of event time.
 *
 *   archive --\
 *              union --hash(name)--> sums by second --> ledger "sums"
 *   live    --/
 *   notices ------------------------------------------> ledger "notices"
 *
 * The archive could be read at once, and all its seconds would have to be kept until the feed has come
 * by. So the sources wait for one another: for the notices, too, as long as there are any.
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  memoryBackend,
  types,
  type LogicalGraph,
} from "../../src/index.ts";
import { WindowedSum, countedType, windowSumType } from "./windowed-sum.ts";

export const ARCHIVE_TOPIC = "archive";
export const LIVE_TOPIC = "live";
export const NOTICES_TOPIC = "notices";
export const OUT_OF_ORDER_MS_MAX = 400;
const DRIFT_MS_MAX = 2_000;
/** Of the clock, in which the feed comes a good deal further. */
const NOTICES_IDLE_AFTER_MS = 400;

export function alignedSources(): LogicalGraph {
  return job("aligned-sources", (env) => {
    env.enableCheckpointing({ intervalMs: 600 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    const alignment = { group: "counts", driftMsMax: DRIFT_MS_MAX };
    const watermarks = WatermarkStrategy.forBoundedOutOfOrderness(OUT_OF_ORDER_MS_MAX, {
      alignment,
    });
    const archive = env
      .fromSource(logSource({ topic: ARCHIVE_TOPIC, type: countedType }), watermarks, "archive")
      .uid("archive");
    const live = env
      .fromSource(logSource({ topic: LIVE_TOPIC, type: countedType }), watermarks, "live")
      .uid("live");
    archive
      .union(live)
      .keyBy(({ name }) => name, types.string)
      .process(() => new WindowedSum(), windowSumType)
      .uid("sums")
      .sinkTo(ledger("sums"))
      .uid("sums-sink");
    env
      .fromSource(
        logSource({ topic: NOTICES_TOPIC, type: types.string }),
        WatermarkStrategy.forMonotonousTimestamps({
          alignment,
          idleAfterMs: NOTICES_IDLE_AFTER_MS,
        }),
        "notices",
      )
      .uid("notices")
      .sinkTo(ledger("notices"))
      .uid("notices-sink");
  });
}
