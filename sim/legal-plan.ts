/**
 * What is wrong with a plan that somebody wrote or kept: its options, and its faults in them. Schemas say
 * what has the form of a plan; this says which plans can be played, and whose verdicts mean something.
 *
 * Not here: what faults may be (`faults/legality.ts`).
 */
import { slotsNeeded } from "./faults/draw-plan.ts";
import { faultMistakes } from "./faults/legality.ts";
import { storyOf } from "./generated.ts";
import type { Latency, Plan, RunOptions } from "./plan.ts";
import type { Scenario } from "./scenario.ts";

/** Each with what to write instead; none for every plan that is drawn. */
export function planMistakes(scenario: Scenario, plan: Plan): string[] {
  const { options, faults, quietAfterMs } = plan;
  const story = storyOf(scenario, plan);
  const setting = { options, quietAfterMs, job: story.job };
  return [
    ...sizeMistakes(options),
    ...slotMistakes(story, options),
    ...latencyMistakes(options),
    ...faultMistakes(faults, setting),
  ];
}

function sizeMistakes(options: RunOptions): string[] {
  const { taskManagers, slotsPerTaskManager, bufferBytes, creditsPerChannel } = options;
  const { stepElementsMax, heartbeatMs, heartbeatTimeoutMs, jobManagers = 1, log } = options;
  const sizes = { jobManagers, taskManagers, slotsPerTaskManager, bufferBytes, creditsPerChannel };
  const others = { stepElementsMax, heartbeatMs, readRecordsMax: log.readRecordsMax };
  const mistakes = Object.entries({ ...sizes, ...others })
    .filter(([, value]) => !(Number.isInteger(value) && value >= 1))
    .map(([name, value]) => `\`${name}\` is ${value}; it has to be a whole number, 1 or more`);
  if (heartbeatTimeoutMs > heartbeatMs) return mistakes;
  return [
    ...mistakes,
    `\`heartbeatTimeoutMs\` is ${heartbeatTimeoutMs}, and a heartbeat comes every ${heartbeatMs} ms; ` +
      "everybody would be given up all the time, so wait longer",
  ];
}

function slotMistakes(
  story: Scenario,
  { taskManagers, slotsPerTaskManager }: RunOptions,
): string[] {
  const widest = slotsNeeded(story);
  const slots = taskManagers * slotsPerTaskManager;
  if (slots >= widest) return [];
  return [
    `job "${story.job.name}" needs ${widest} slots, and the cluster has ${slots} ` +
      `(${taskManagers} task managers of ${slotsPerTaskManager}); add task managers or slots`,
  ];
}

function latencyMistakes(options: RunOptions): string[] {
  const { network, control, store, ledger, log, services } = options;
  const hops: readonly (readonly [name: string, latency: Latency])[] = [
    ["network", network],
    ["control.latency", control.latency],
    ["store.latency", store.latency],
    ["ledger.latency", ledger.latency],
    ["log.latency", log.latency],
    ["services.latency", services.latency],
  ];
  return hops
    .filter(([, { minUs, maxUs }]) => maxUs < minUs)
    .map(([name, { minUs, maxUs }]) => `\`${name}\` is from ${minUs} to ${maxUs} us; swap them`);
}
