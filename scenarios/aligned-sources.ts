/** Sources that wait for one another in event time, while they die and are not told. */
import { sourcesStayAligned, standardProperties } from "../properties/index.ts";
import type { Random } from "../src/index.ts";
import type { Input, InputRecord } from "../sim/history.ts";
import { arrivals } from "./data/arrivals.ts";
import {
  ARCHIVE_TOPIC,
  LIVE_TOPIC,
  NOTICES_TOPIC,
  OUT_OF_ORDER_MS_MAX,
  alignedSources as alignedSourcesJob,
} from "./jobs/aligned-sources.ts";
import { ANY_SETTINGS, crash, loseControl, scenario } from "./scenario.ts";

const NAMES = ["north", "east", "south"] as const;
/** Of event time; the feed shows it within `OVER_MS`, and the archive has it from the start. */
const SPAN_MS = 30_000;
const OVER_MS = 9_000;
/** Between the notices of the morning and the last one nothing comes, for longer than is waited. */
const LAST_NOTICE_AT_MS = 8_000;

/** In order but for what the watermarks allow for; the archive ends a little before the feed. */
function partition(draws: Random, untilMs: number, overMs: number): InputRecord[] {
  const count = draws.integer(120, 220);
  const times = arrivals(draws.fork("arrivals"), count, overMs);
  return times.map((availableAtMs, i) => ({
    value: { name: draws.pick(NAMES), count: draws.integer(1, 9) },
    timestampMs: Math.floor((i * untilMs) / count) + draws.integer(0, OUT_OF_ORDER_MS_MAX),
    availableAtMs,
  }));
}

function drawCounts(random: Random): Input {
  const partitions = (name: string, max: number, untilMs: number, overMs: number) => {
    const draws = random.fork(name);
    return Array.from({ length: draws.integer(1, max) }, (_, i) =>
      partition(draws.fork(`partition-${i}`), untilMs, overMs),
    );
  };
  const early = Array.from({ length: random.fork("notices").integer(2, 6) }, (_, i) => i);
  const notice = (i: number, timestampMs: number, availableAtMs: number): InputRecord => ({
    value: `notice ${i}`,
    timestampMs,
    availableAtMs,
  });
  const notices = [
    ...early.map((i) => notice(i, i * 100, i * 10)),
    notice(early.length, SPAN_MS, LAST_NOTICE_AT_MS),
  ];
  return new Map([
    // At most one partition a subtask, so that what a subtask reports is what its partition is at.
    [ARCHIVE_TOPIC, partitions("archive", 2, SPAN_MS - 5_000, 1)],
    [LIVE_TOPIC, partitions("live", 3, SPAN_MS, OVER_MS)],
    [NOTICES_TOPIC, [notices]],
  ]);
}

export const alignedSources = scenario({
  name: "aligned-sources",
  why: `An archive waits for a live feed, and both for whoever else still has something to say. A
    source that runs ahead breaks the promise; one that is waited for though it is silent, at its
    end, dead, or was never told that it may go on, keeps the job from ever coming to its end.`,
  job: alignedSourcesJob(),
  input: drawCounts,
  options: {
    log: {
      latency: { minUs: 500, maxUs: 30_000, tailPerMille: 60, tailUs: 400_000 },
      timeoutPerMille: 10,
      readRecordsMax: 20,
    },
  },
  faults: [
    loseControl({ from: "jm", to: "tm-0", when: "split-paused", nth: 5 }),
    crash({ process: "tm-0", when: "split-paused", nth: 20, restartAfterMs: 700 }),
  ],
  swarm: { free: ANY_SETTINGS },
  properties: [...standardProperties(), sourcesStayAligned],
});
