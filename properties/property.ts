/**
 * The contract of a rule, and the three ways it may answer.
 *
 * A rule sees a history and nothing else, so that it can be judged by hand-made ones. `vacuous` is
 * the answer of a rule that was given nothing to judge: it is no pass, and over a suite every rule
 * must have held for real.
 *
 * The types live in the simulator, which carries rules from scenarios to the command line; what is
 * here makes their values. Not here: judge.ts, which asks the rules.
 */
import type { Verdict } from "../sim/verdict.ts";

export type { Property, Verdict } from "../sim/verdict.ts";

/** What was looked at, in numbers, so that a reader can tell a pass from a lucky one. */
export const holds = (evidence: Readonly<Record<string, number>>): Verdict => ({
  verdict: "holds",
  evidence,
});

/** `detail` names what was found, to which ids, and what was expected. */
export const violated = (detail: string): Verdict => ({ verdict: "violated", detail });

export const vacuous = (why: string): Verdict => ({ verdict: "vacuous", why });
