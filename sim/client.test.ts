import { expect, test } from "vitest";
import {
  asProcessId,
  decodeMessage,
  encodeMessage,
  type Host,
  type Process,
  type ProcessId,
} from "../src/index.ts";
import { Client, type ClientImage } from "./client.ts";
import type { WorldNote } from "./history.ts";
import type { Moment } from "./moment.ts";
import type { Action } from "./scenario.ts";

type Options = Readonly<{
  cancelAtMs?: number;
  actions?: readonly Action[];
  image?: ClientImage;
  nowMs?: number;
}>;

/** A client by itself: `asked` is what it sends, `heard` what it notes. */
function stage({ cancelAtMs, actions, image, nowMs = 0 }: Options) {
  let nowUs = nowMs * 1_000;
  const timers: { atUs: number; then: () => void }[] = [];
  const moments = new Map<Moment, () => void>();
  const asked: string[] = [];
  const noted: string[] = [];
  const host = {
    nowUs: () => nowUs,
    setTimer: (delayUs: number, then: () => void) =>
      void timers.push({ atUs: nowUs + delayUs, then }),
    send: (to: ProcessId, bytes: Uint8Array) => {
      const { kind, ...body } = decodeMessage(bytes);
      asked.push(
        [to, kind, ...Object.values(body).map((value) => JSON.stringify(value))].join(" "),
      );
    },
  } as unknown as Host;
  const client = new Client(host, {
    jobManagers: [asProcessId("jm")],
    job: "j",
    cancelAtMs,
    ...(actions === undefined ? {} : { actions }),
    ...(image === undefined ? {} : { image }),
    at: (when, then) => void moments.set(when, then),
    note: ({ kind, ...rest }: WorldNote) => noted.push([kind, ...Object.values(rest)].join(" ")),
  });
  (client satisfies Process).start();
  const runUntilMs = (ms: number): void => {
    for (;;) {
      const next = timers
        .filter(({ atUs }) => atUs <= ms * 1_000)
        .sort((a, b) => a.atUs - b.atUs)[0];
      if (next === undefined) break;
      timers.splice(timers.indexOf(next), 1);
      nowUs = next.atUs;
      next.then();
    }
    nowUs = ms * 1_000;
  };
  const answer = (id: string, done = true, why = ""): void =>
    client.onMessage(asProcessId("jm"), encodeMessage({ kind: "answer", id, done, why }));
  const come = (when: Moment): void => moments.get(when)!();
  return {
    client,
    runUntilMs,
    answer,
    come,
    asked: () => asked.splice(0),
    noted: () => noted.splice(0),
  };
}

const first: Moment = { note: "checkpoint-completed", nth: 1, afterMs: 0 };
const later: Moment = { atMs: 700 };
const savepoint = (when: Moment): Action => ({ kind: "savepoint", form: "native", when });
const stop = (when: Moment, resumeAfterMs?: number): Action => ({
  ...{ kind: "stop", drain: false, form: "canonical", when },
  ...(resumeAfterMs === undefined ? {} : { resumeAfterMs, claim: true }),
});

test("asks for the job to be cancelled, and again until the run is over", () => {
  const { asked, noted, runUntilMs } = stage({ cancelAtMs: 50 });
  runUntilMs(49);
  expect(asked()).toEqual([]);
  runUntilMs(1_100);
  expect(asked()).toEqual(Array(3).fill('jm cancel-job "j"'));
  expect(noted()).toEqual(["cancel-requested"]);
});

test("asks for nothing that the story does not say", () => {
  const { asked, noted, runUntilMs, client } = stage({});
  runUntilMs(2_000);
  expect([asked(), noted(), client.isBusy]).toEqual([[], [], false]);
});

test("asks when the moment comes, again with the same id, until it is answered", () => {
  const { asked, noted, runUntilMs, come, answer, client } = stage({ actions: [savepoint(first)] });
  runUntilMs(300);
  expect([asked(), client.isBusy]).toEqual([[], false]);
  come(first);
  runUntilMs(900);
  expect(asked()).toEqual(Array(2).fill('jm savepoint-job "j" "savepoint-1" "native"'));
  expect(client.isBusy).toBe(true);
  answer("savepoint-9");
  expect(client.isBusy).toBe(true);
  answer("savepoint-1");
  answer("savepoint-1");
  runUntilMs(3_000);
  expect([asked(), client.isBusy]).toEqual([[], false]);
  expect(noted()).toEqual(["action-requested savepoint-1", "action-answered savepoint-1 true "]);
});

test("[OC1] an action whose moment comes too early waits for the one before", () => {
  const rescale: Action = { kind: "rescale", parallelism: { count: 3, sink: 1 }, when: later };
  const { asked, come, answer } = stage({ actions: [savepoint(first), rescale] });
  come(later);
  expect(asked()).toEqual([]);
  come(first);
  expect(asked()).toHaveLength(1);
  answer("savepoint-1", false, "no checkpoint can be taken");
  expect(asked()).toEqual([
    'jm rescale-job "j" "rescale-2" [{"uid":"count","parallelism":3},{"uid":"sink","parallelism":1}]',
  ]);
});

test("resumes from what it stopped behind, so long afterwards, and is busy until then", () => {
  const { asked, come, answer, runUntilMs, client } = stage({ actions: [stop(first, 2_000)] });
  come(first);
  expect(asked()).toEqual(['jm stop-job "j" "stop-1" "canonical" false']);
  answer("stop-1");
  expect([client.isBusy, client.hasStopped]).toEqual([true, true]);
  runUntilMs(1_999);
  expect(asked()).toEqual([]);
  runUntilMs(2_000);
  expect(asked()).toEqual(['jm resume-job "j" "resume-stop-1" "stop-1" true false']);
  answer("resume-stop-1");
  expect([client.isBusy, client.hasStopped]).toEqual([false, false]);
});

test("[OC2] neither waits nor resumes when the stop was refused", () => {
  const { asked, come, answer, runUntilMs, client } = stage({ actions: [stop(first, 2_000)] });
  come(first);
  answer("stop-1", false, "the job has ended");
  asked();
  runUntilMs(5_000);
  expect([asked(), client.isBusy, client.hasStopped]).toEqual([[], false, false]);
});

test("a stop without a resume is the end of it", () => {
  const { come, answer, client } = stage({ actions: [stop(first)] });
  come(first);
  answer("stop-1");
  expect([client.isBusy, client.hasStopped]).toEqual([false, true]);
});

test("goes on from an image: what is answered is not asked again, and the clock has run on", () => {
  const actions = [savepoint(first), savepoint(later)];
  const before = stage({ actions });
  before.come(first);
  expect(() => before.client.image()).toThrow("between two requests");
  before.answer("savepoint-1");
  const image = before.client.image();
  const { asked, come, runUntilMs } = stage({ actions, image, cancelAtMs: 2_000, nowMs: 3_000 });
  runUntilMs(3_000);
  expect(asked()).toEqual(['jm cancel-job "j"']);
  come(later);
  expect(asked()).toEqual(['jm savepoint-job "j" "savepoint-2" "native"']);
});
