import { expect, test } from "vitest";
import { asAttemptId, asCheckpointId } from "../core/ids.ts";
import { createKeeper, stepKeeper, type KeeperEvent } from "./line-keeper.ts";
import type { Flow } from "./recovery-line.ts";

/** 0 sends to 1; 2 is an enumerator. A part is "member@id". */
const FLOW: Flow = { sender: 0, sentAt: 0, receiver: 1, receivedAt: 0, logged: true };

function stage(firstId = 1) {
  let state = createKeeper<string>({ members: 3, tasks: 2 }, [FLOW], asCheckpointId(firstId));
  const tell = (event: KeeperEvent<string>): string[] => {
    const step = stepKeeper(state, event);
    state = step.state;
    return step.effects.map((effect) => {
      if (effect.kind === "propose") {
        return `propose ${effect.line.members.map(({ part }) => part).join(" ")}`;
      }
      return `${effect.kind} ${effect.kind === "discard" ? effect.parts.join(" ") : effect.why}`;
    });
  };
  const run = (attempt = 1): string[] => {
    const told = tell({ kind: "running", members: [0, 1, 2], attempt: asAttemptId(attempt) });
    report(2, 1, 0, attempt);
    return told;
  };
  /** How much the sender had sent by then, or the receiver received. */
  const report = (member: 0 | 1 | 2, id: number, count: number, attempt = 1): string[] => {
    const counts = member === 0 ? { sent: [count], received: [] } : { sent: [], received: [count] };
    const reach = { id: asCheckpointId(id), ...counts, part: `${member}@${id}` };
    return tell({ kind: "reported", member, attempt: asAttemptId(attempt), reach });
  };
  const wanted = (): string[] => tell({ kind: "wanted" });
  return { tell, run, report, wanted, current: () => state };
}

test("[LK3] [LK4] a line is proposed when it is newer, one at a time", () => {
  const { tell, run, report, wanted } = stage();
  run();
  report(0, 1, 10);
  expect(wanted()).toEqual(["ignore nothing-newer"]);
  report(1, 2, 8);
  report(1, 3, 12);
  expect(wanted()).toEqual(["propose 0@1 1@2 2@1"]);
  report(0, 4, 20);
  expect(wanted()).toEqual(["ignore proposed"]);
  expect(tell({ kind: "durable" })).toEqual([]);
  expect(wanted()).toEqual(["propose 0@4 1@3 2@1"]);
  tell({ kind: "durable" });
  expect(wanted()).toEqual(["ignore nothing-newer"]);
});

test("[LK2] what is older than the line goes, unless it was in one", () => {
  const { tell, run, report, wanted } = stage();
  run();
  report(0, 1, 10);
  report(1, 1, 1);
  wanted();
  tell({ kind: "durable" });
  report(1, 2, 2);
  report(1, 3, 3);
  expect(wanted()).toEqual(["propose 0@1 1@3 2@1"]);
  expect(tell({ kind: "durable" })).toEqual(["discard 1@2"]);
  report(0, 4, 11);
  expect(wanted()).toEqual(["propose 0@4 1@3 2@1"]);
  expect(tell({ kind: "durable" })).toEqual([]);
  expect(tell({ kind: "durable" })).toEqual(["ignore no-proposal"]);
});

test("[LK3] a report that was overtaken by a newer one takes its place among the older", () => {
  const { tell, run, report, wanted } = stage();
  run();
  report(0, 2, 20);
  expect(report(0, 1, 10)).toEqual([]);
  report(1, 1, 15);
  expect(wanted()).toEqual(["propose 0@2 1@1 2@1"]);
  expect(tell({ kind: "durable" })).toEqual(["discard 0@1"]);
});

test("[LK1] where one member's attempt is over, the others' reports go on to count", () => {
  const { tell, run, report, wanted } = stage();
  run();
  report(1, 1, 1);
  expect(tell({ kind: "over", members: [1] })).toEqual(["discard 1@1"]);
  expect(report(0, 2, 10)).toEqual([]);
  tell({ kind: "running", members: [1], attempt: asAttemptId(2) });
  report(1, 3, 1, 2);
  expect(wanted()).toEqual(["propose 0@2 1@3 2@1"]);
});

test("[LK3] that a member would go back is an error, for its files may be gone", () => {
  const { run, report, current } = stage();
  run();
  report(0, 1, 10);
  report(1, 1, 1);
  const state = current();
  expect(() => stepKeeper({ ...state, line: [0, 9, 1] }, { kind: "wanted" })).toThrow(
    "LK3 member 1 goes back from 9 to 1",
  );
});

test("[LK2] what was proposed may be again, when nothing has come of it", () => {
  const { tell, run, report, wanted } = stage();
  run();
  report(0, 1, 10);
  report(1, 1, 1);
  wanted();
  expect(tell({ kind: "given-up" })).toEqual([]);
  expect(tell({ kind: "given-up" })).toEqual(["ignore no-proposal"]);
  expect(wanted()).toEqual(["propose 0@1 1@1 2@1"]);
  expect(tell({ kind: "over", members: [0, 1, 2] })).toEqual([]);
});

test("[LK1] [C28] an attempt that is over has no part in a line", () => {
  const { tell, run, report, wanted } = stage();
  run();
  report(0, 1, 10);
  expect(tell({ kind: "over", members: [0, 1, 2] })).toEqual(["discard 0@1 2@1"]);
  expect(report(1, 2, 5)).toEqual(["ignore older-attempt", "discard 1@2"]);
  run(2);
  report(1, 3, 0, 2);
  expect(report(0, 4, 7, 1)).toEqual(["ignore older-attempt", "discard 0@4"]);
  expect(wanted()).toEqual(["ignore nothing-newer"]);
  report(0, 5, 7, 2);
  expect(wanted()).toEqual(["propose 0@5 1@3 2@1"]);
  expect(() => run(3)).toThrow("LK1 member 0 runs twice");
});

test("[LK2] [A43] a report that is repeated takes nothing from the line it is in", () => {
  const { tell, run, report, wanted } = stage();
  run();
  report(0, 3, 10);
  expect(report(0, 3, 10)).toEqual(["ignore known"]);
  report(1, 3, 1);
  wanted();
  tell({ kind: "over", members: [0, 1, 2] });
  expect(report(0, 3, 10)).toEqual(["ignore known"]);
  tell({ kind: "durable" });
  run(2);
  expect(report(0, 3, 10)).toEqual(["ignore known"]);
});

test("[C122] what an earlier leader had asked for is not judged", () => {
  const { run, report } = stage(40);
  run();
  expect(report(0, 39, 10)).toEqual(["ignore older-leader"]);
  expect(report(0, 39, 10, 9)).toEqual(["ignore older-leader"]);
});

test("[LK3] what an enumerator alone has newer is no reason for a line", () => {
  const { tell, run, report, wanted } = stage();
  run();
  report(0, 1, 10);
  report(1, 1, 1);
  wanted();
  tell({ kind: "durable" });
  report(2, 2, 0);
  expect(wanted()).toEqual(["ignore nothing-newer"]);
  report(0, 3, 11);
  expect(wanted()).toEqual(["propose 0@3 1@1 2@2"]);
});
