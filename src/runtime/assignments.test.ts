import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unreachable } from "../core/assert.ts";
import { asCheckpointId } from "../core/ids.ts";
import { createInbox, stepInbox, type Inbox, type InboxEffect } from "./assignment-inbox.ts";
import {
  createOutbox,
  onCheckpointOver,
  onReported,
  onTriggered,
  openFor,
  post,
  type NumberedAssignment,
  type Outbox,
} from "./assignment-outbox.ts";

const NOTHING = { splits: [], noMore: false };

/** "1 2 after 5": assignments 1, to be applied at once, and 2, behind the barrier of checkpoint 5. */
function itemsOf(text: string): NumberedAssignment[] {
  return text.split(",").map((item) => {
    const [number, , after = "0"] = item.trim().split(" ");
    return { ...NOTHING, number: Number(number), after: asCheckpointId(Number(after)) };
  });
}

function effectText(effect: InboxEffect): string {
  switch (effect.kind) {
    case "apply":
      return `apply ${effect.item.number}`;
    case "inject":
    case "decline":
      return `${effect.kind} ${effect.checkpointId}`;
    case "ignore":
      return `ignore ${effect.why}`;
    default:
      return unreachable(effect);
  }
}

function stepText(state: Inbox, text: string) {
  const [kind, id = "", , due = ""] = text.split(" ");
  const checkpointId = asCheckpointId(Number(id));
  switch (kind) {
    case "assigned":
      return stepInbox(state, { kind, items: itemsOf(text.slice("assigned ".length)) });
    case "trigger":
      return stepInbox(state, { kind: "triggered", checkpointId, due: Number(due) });
    case "over":
      return stepInbox(state, { kind, checkpointId });
    default:
      throw new Error(`no such event: ${text}`);
  }
}

function transcript(lines: readonly (readonly [event: string, ...effects: string[]])[]): Inbox {
  let state = createInbox();
  const played = lines.map(([event]) => {
    const step = stepText(state, event);
    state = step.state;
    return [event, ...step.effects.map(effectText)];
  });
  expect(played).toEqual(lines);
  return state;
}

describe("inbox", () => {
  test("[IB1] assignments are applied in order, each once, however they come", () => {
    transcript([
      ["assigned 2", "ignore nothing-to-do"],
      ["assigned 1", "apply 1", "apply 2"],
      ["assigned 1, 2", "ignore nothing-to-do"],
      ["assigned 2, 3", "apply 3"],
    ]);
  });

  test("[IB2] [C104] [C106] a barrier waits for the assignments made before it", () => {
    transcript([
      ["trigger 1 with 2", "ignore nothing-to-do"],
      ["assigned 1", "apply 1"],
      ["trigger 1 with 2", "ignore nothing-to-do"],
      ["assigned 1, 2", "apply 2", "inject 1"],
      ["trigger 1 with 2", "ignore obsolete-trigger"],
    ]);
  });

  test("[IB2] [C104] an assignment that overtakes the trigger before it waits for the barrier", () => {
    transcript([
      ["assigned 1 after 1", "ignore nothing-to-do"],
      ["trigger 1 with 0", "inject 1", "apply 1"],
    ]);
    transcript([
      ["trigger 1 with 0", "inject 1"],
      ["assigned 1 after 1", "apply 1"],
    ]);
  });

  test("[IB2] a checkpoint that is over holds nothing back, whoever says so", () => {
    const held = ["assigned 1 after 1", "ignore nothing-to-do"] as const;
    transcript([held, ["over 1", "apply 1"], ["trigger 1 with 0", "decline 1"]]);
    transcript([held, ["assigned 1", "apply 1"], ["trigger 1 with 0", "decline 1"]]);
    transcript([held, ["trigger 2 with 1", "apply 1", "inject 2"]]);
    transcript([
      ["assigned 1", "apply 1"],
      ["assigned 1 after 1", "ignore nothing-to-do"],
    ]);
  });

  test("[IB2] what was set free is not held back again by an old message", () => {
    transcript([
      ["assigned 2", "ignore nothing-to-do"],
      ["assigned 1 after 1, 2 after 1", "ignore nothing-to-do"],
      ["assigned 1", "apply 1", "apply 2"],
    ]);
  });

  test("[IB3] [IB4] a newer trigger ends the wait for an older one, which is declined", () => {
    transcript([
      ["trigger 1 with 1", "ignore nothing-to-do"],
      ["trigger 2 with 2", "decline 1"],
      ["trigger 1 with 1", "decline 1"],
      ["assigned 1, 2 after 1", "apply 1", "apply 2", "inject 2"],
    ]);
    transcript([
      ["trigger 2 with 1", "ignore nothing-to-do"],
      ["over 2", "ignore nothing-to-do"],
      ["assigned 1", "apply 1"],
    ]);
  });

  test("[IB4] a trigger that a newer one overtook on the way is declined, and no other", () => {
    transcript([
      ["trigger 5 with 0", "inject 5"],
      ["trigger 4 with 0", "decline 4"],
      ["trigger 5 with 0", "ignore obsolete-trigger"],
      ["trigger 4 with 0", "decline 4"],
      ["trigger 6 with 0", "inject 6"],
      ["trigger 5 with 0", "ignore obsolete-trigger"],
    ]);
  });

  test("[IB4] the end of a newer one declines what waits, its own does not", () => {
    transcript([
      ["trigger 4 with 1", "ignore nothing-to-do"],
      ["over 5", "decline 4"],
      ["over 4", "ignore nothing-to-do"],
    ]);
    transcript([
      ["trigger 4 with 1", "ignore nothing-to-do"],
      ["over 4", "ignore nothing-to-do"],
    ]);
  });
});

describe("outbox", () => {
  const numbers = (outbox: Outbox, subtask = 0): string[] =>
    openFor(outbox, subtask).map(({ number, after }) => `${number} after ${after}`);

  test("[OB1] an assignment is repeated until its reader reports it", () => {
    let outbox = post(post(createOutbox(2), 0, NOTHING), 0, NOTHING);
    expect([numbers(outbox), numbers(outbox, 1)]).toEqual([["1 after 0", "2 after 0"], []]);
    outbox = onReported(outbox, 0, 1);
    expect(numbers(outbox)).toEqual(["2 after 0"]);
    expect(onReported(outbox, 0, 0)).toBe(outbox);
    expect(() => onReported(outbox, 0, 3)).toThrow("OB1");
  });

  test("[OB2] [C104] what is made after a trigger waits for its barrier, until it is over", () => {
    const made = post(createOutbox(2), 1, NOTHING);
    const triggered = onTriggered(made, asCheckpointId(4));
    expect(triggered.due).toEqual([0, 1]);
    const late = post(triggered, 1, NOTHING);
    expect([late.due, numbers(late, 1)]).toEqual([
      [0, 1],
      ["1 after 0", "2 after 4"],
    ]);
    expect(onCheckpointOver(late, asCheckpointId(3))).toBe(late);
    const over = onCheckpointOver(late, asCheckpointId(4));
    expect(numbers(over, 1)).toEqual(["1 after 0", "2 after 0"]);
    expect(numbers(post(over, 1, NOTHING), 1)).toEqual(["1 after 0", "2 after 0", "3 after 0"]);
    expect(() => onTriggered(triggered, asCheckpointId(4))).toThrow("OB2");
  });

  test("[OB2] [C104] of several pending checkpoints the newest before it holds it back", () => {
    let outbox = onTriggered(post(createOutbox(1), 0, NOTHING), asCheckpointId(4));
    outbox = onTriggered(post(outbox, 0, NOTHING), asCheckpointId(5));
    outbox = post(outbox, 0, NOTHING);
    expect(outbox.due).toEqual([2]);
    expect(numbers(outbox)).toEqual(["1 after 0", "2 after 4", "3 after 5"]);
    const aborted = onCheckpointOver(outbox, asCheckpointId(5));
    expect(numbers(aborted)).toEqual(["1 after 0", "2 after 4", "3 after 4"]);
    const older = onCheckpointOver(outbox, asCheckpointId(4));
    expect(numbers(older)).toEqual(["1 after 0", "2 after 0", "3 after 5"]);
  });
});

/**
 * Both halves with a network in between that loses, doubles and delays at will: a list of messages on
 * their way, of which the schedule picks any, any number of times.
 */
type Message =
  | Readonly<{ kind: "assign"; items: readonly NumberedAssignment[] }>
  | Readonly<{ kind: "trigger"; id: number; due: number }>
  | Readonly<{ kind: "over"; id: number }>
  | Readonly<{ kind: "report"; applied: number }>;

class Wire {
  outbox = createOutbox(1);
  inbox = createInbox();
  readonly sent: Message[] = [];
  /** By checkpoint: how many assignments were made when it was triggered, applied when injected. */
  readonly cuts = new Map<number, number>();
  readonly injected = new Map<number, number>();
  readonly applied: number[] = [];
  readonly pending: { id: number; due: number }[] = [];
  latest = 0;
  made = 0;
  completed = 0;

  assign(): void {
    this.made++;
    this.outbox = post(this.outbox, 0, NOTHING);
    this.remind();
  }

  trigger(): void {
    if (this.pending.length === 2) return;
    const id = ++this.latest;
    this.outbox = onTriggered(this.outbox, asCheckpointId(id));
    this.pending.push({ id, due: this.outbox.due[0]! });
    this.cuts.set(id, this.made);
    this.remind();
  }

  /** The oldest or the newest; it completes if its barrier was injected, and ends those below it. */
  settle(abort: boolean, newest: boolean): void {
    const { id } = (newest ? this.pending.at(-1) : this.pending[0]) ?? { id: 0 };
    if (id === 0 || (!abort && !this.injected.has(id))) return;
    if (!abort) {
      this.completed++;
      // C104: each assignment is in exactly one half of what completes.
      expect(this.injected.get(id)).toBe(this.cuts.get(id));
    }
    const over = abort ? [id] : this.pending.map((each) => each.id).filter((each) => each <= id);
    for (const each of over) {
      this.outbox = onCheckpointOver(this.outbox, asCheckpointId(each));
      this.sent.push({ kind: "over", id: each });
    }
    this.pending.splice(0, Infinity, ...this.pending.filter((each) => !over.includes(each.id)));
  }

  remind(): void {
    this.sent.push({ kind: "assign", items: openFor(this.outbox, 0) });
    for (const { id, due } of this.pending) this.sent.push({ kind: "trigger", id, due });
    this.sent.push({ kind: "report", applied: this.inbox.applied });
  }

  deliver(message: Message | undefined): void {
    if (message === undefined) return;
    switch (message.kind) {
      case "report":
        this.outbox = onReported(this.outbox, 0, message.applied);
        return;
      case "assign":
        this.#step({ kind: "assigned", items: message.items });
        return;
      case "trigger": {
        const { id, due } = message;
        this.#step({ kind: "triggered", checkpointId: asCheckpointId(id), due });
        return;
      }
      case "over":
        this.#step({ kind: "over", checkpointId: asCheckpointId(message.id) });
    }
  }

  #step(event: Parameters<typeof stepInbox>[1]): void {
    const step = stepInbox(this.inbox, event);
    this.inbox = step.state;
    for (const effect of step.effects) {
      if (effect.kind === "apply") this.applied.push(effect.item.number);
      if (effect.kind === "inject") {
        const { checkpointId } = effect;
        expect(Math.max(0, ...this.injected.keys())).toBeLessThan(checkpointId);
        this.injected.set(checkpointId, this.applied.length);
      }
    }
  }
}

test("[OB1] [OB2] [IB1] [IB2] [IB3] [C104] however messages come, both halves of a checkpoint fit", () => {
  const action = fc.oneof(
    { weight: 3, arbitrary: fc.constant({ kind: "assign" as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: "trigger" as const }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("settle" as const),
        abort: fc.boolean(),
        newest: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.constant({ kind: "remind" as const }) },
    // Near the end of the list: mostly what was sent last, now and then something old.
    {
      weight: 12,
      arbitrary: fc.record({ kind: fc.constant("deliver" as const), back: fc.nat(6) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("deliver" as const), back: fc.nat(60) }),
    },
  );
  let completed = 0;
  fc.assert(
    fc.property(fc.array(action, { minLength: 40, maxLength: 160, size: "max" }), (actions) => {
      const wire = new Wire();
      for (const step of actions) {
        if (step.kind === "deliver") wire.deliver(wire.sent.at(-1 - step.back));
        else if (step.kind === "settle") wire.settle(step.abort, step.newest);
        else wire[step.kind]();
      }
      // In the end all that is repeated arrives.
      for (let i = 0; i < 4; i++) {
        const from = wire.sent.length;
        wire.remind();
        for (const message of wire.sent.slice(from)) wire.deliver(message);
        wire.settle(false, true);
      }
      wire.settle(true, false); // one that a newer barrier has passed, and which was then aborted
      expect(wire.applied).toEqual(Array.from({ length: wire.made }, (_, i) => i + 1));
      expect(wire.pending).toEqual([]);
      completed += wire.completed;
    }),
    { seed: 104, numRuns: 500 },
  );
  expect(completed).toBeGreaterThan(500);
});
