/** Where the plans of a sweep may come from, by name. Not here: the plans (`sweep-plans.ts`). */
import { oneOf } from "./arguments.ts";

export const PLAN_SOURCES = ["swarm", "random", "crash-points"] as const;
/**
 * `swarm`: another mix of options and faults for every seed. `random`: one set of options, every kind of
 * fault as likely. `crash-points`: no faults but one crash, at one step of the run after the other.
 */
export type PlanSource = (typeof PLAN_SOURCES)[number];

export const planSourceOf = (text: string): PlanSource => oneOf("--plans", text, PLAN_SOURCES);
