/** `kernel`: the scheduler's loop against a bare heap on typed arrays, both with 1_000 events pending. */
import { bareHeapLoop, delayOf, nextState } from "../../kernel/bare-heap.ts";
import { Scheduler } from "../../kernel/scheduler.ts";
import { alternate } from "./figure.ts";
import type { Figure } from "./figure.ts";

const PENDING = 1_000;

/** Every event posts the next one, as the bare loop does. */
function schedulerLoop(events: number): void {
  const scheduler = new Scheduler();
  let state = 1;
  const tick = scheduler.register("tick", (item) => {
    state = nextState(state);
    scheduler.at(scheduler.nowUs + delayOf(state), tick, item, 0);
  });
  for (let i = 0; i < PENDING; i++) {
    state = nextState(state);
    scheduler.at(delayOf(state), tick, i, 0);
  }
  scheduler.runUntil(() => scheduler.executed >= events);
}

export const kernelFigure: Figure = {
  key: "kernel",
  what: "events per second, to a bare heap loop",
  must: 0.6,
  aim: 0.9,
  better: "more",
  measure(stage) {
    const events = stage.quick ? 50_000 : 2_000_000;
    const { firstMs, secondMs } = alternate(
      stage,
      stage.quick ? 1 : 5,
      () => void bareHeapLoop(events, PENDING),
      () => schedulerLoop(events),
    );
    const perSecond = (ms: number): number => (events * 1_000) / ms;
    const [value, limit] = [perSecond(secondMs), perSecond(firstMs)];
    return { value, limit, unit: "events/s", ratio: value / limit };
  },
};
