/**
 * One of two streams has nothing to say for most of the time, and must not hold up the other.
 *
 * QS1  Event time goes on while one of two inputs is idle: what is due by the word of the other alone is
 *      committed before the idle one speaks again (C80).
 */
import type { Random } from "../src/index.ts";
import { holds, standardProperties, violated, type Property } from "../properties/index.ts";
import type { Input, InputRecord } from "../sim/history.ts";
import {
  DEPARTURES_TOPIC,
  NOTICES_TOPIC,
  quietSide as quietSideJob,
  type Departure,
  type Notice,
} from "./jobs/quiet-side.ts";
import { ANY_SETTINGS, crash, scenario } from "./scenario.ts";

const LINES = ["north", "east", "south", "west"];
/** Nobody says anything, either side. */
const PAUSE_FROM_MS = 4_000;
const PAUSE_UNTIL_MS = 6_500;
const DENSE_UNTIL_MS = 9_000;
/** From then on just often enough that no partition is idle: never are all of them silent at once. */
const SPARSE_MS = 150;
const SPARSE_UNTIL_MS = 36_000;
const LAST_NOTICE_MS = 45_000;

function drawDepartures(random: Random): InputRecord[][] {
  return Array.from({ length: random.integer(1, 3) }, (_, p) => {
    const draws = random.fork(`partition-${p}`);
    const records: InputRecord[] = [];
    let ms = draws.integer(0, 200);
    while (ms < SPARSE_UNTIL_MS) {
      const value: Departure = { line: `${draws.pick(LINES)}-${p}`, atMs: ms };
      records.push({ value, timestampMs: ms, availableAtMs: ms });
      ms += ms < DENSE_UNTIL_MS ? draws.integer(1, 120) : SPARSE_MS;
      if (ms >= PAUSE_FROM_MS && ms < PAUSE_UNTIL_MS) ms = PAUSE_UNTIL_MS + draws.integer(0, 600);
    }
    return records;
  });
}

/** In one partition: the other source subtask has none to read. */
function drawNotices(random: Random): InputRecord[] {
  const times = Array.from({ length: random.integer(5, 15) }, () => random.integer(0, 3_000));
  return [...times.sort((a, b) => a - b), LAST_NOTICE_MS].map((ms, i): InputRecord => {
    const value: Notice = { line: `${random.pick(LINES)}-0`, text: `notice ${i}` };
    return { value, timestampMs: ms, availableAtMs: ms };
  });
}

const draw = (random: Random): Input =>
  new Map([
    [DEPARTURES_TOPIC, drawDepartures(random.fork("departures"))],
    [NOTICES_TOPIC, [drawNotices(random.fork("notices"))]],
  ]);

/** What must be on the board before the last notice comes. */
export const busySideGoesOn: Property = {
  id: "QS1",
  rule: "Event time goes on while one of two inputs is idle: what is due then is put out.",
  check(history) {
    const departures = (history.input.get(DEPARTURES_TOPIC) ?? []).flat();
    const due = departures.filter(({ timestampMs }) => timestampMs < DENSE_UNTIL_MS).length;
    let rows = 0;
    for (const note of history.notes) {
      if (note.kind !== "ledger-committed" || note.atUs >= LAST_NOTICE_MS * 1_000) continue;
      rows += note.rows;
    }
    if (rows >= due) return holds({ due, rows });
    return violated(
      `${rows} rows were committed by ${LAST_NOTICE_MS} ms, when the idle side spoke again; ` +
        `${due} departures were due without it`,
    );
  },
};

export const quietSide = scenario({
  name: "quiet-side",
  why: `Notices come for three seconds, then for forty there is none, while departures go on: with one
    input idle, time is what the other says. In between both are silent, and come back one after the
    other, each behind what the other had promised.`,
  job: quietSideJob(),
  input: draw,
  faults: [crash({ process: "tm-0", when: "checkpoint-completed", nth: 5, restartAfterMs: 600 })],
  swarm: { free: ANY_SETTINGS },
  properties: [busySideGoesOn, ...standardProperties()],
});
