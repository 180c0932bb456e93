/**
 * Asks rules about a history, and hands their answers on in a form for people and for JSON.
 */
import type { History } from "../sim/history.ts";
import type { Property, Verdict } from "./property.ts";

/** `detail`: what was found, or why there was nothing to judge. */
export type Judgement = Readonly<{ id: string; verdict: Verdict["verdict"]; detail?: string }>;

/**
 * Every rule's verdict, in order of the rules.
 *
 * @throws Error when two rules share an id, or a rule cannot judge; the message names the rule
 */
export function judge(history: History, properties: readonly Property[]): readonly Judgement[] {
  const asked = new Set<string>();
  return properties.map((property) => {
    const { id } = property;
    if (asked.has(id)) throw new Error(`two rules have the id ${id}; name each of them once`);
    asked.add(id);
    return judgementOf(id, verdictOf(property, history));
  });
}

function verdictOf(property: Property, history: History): Verdict {
  try {
    return property.check(history);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`rule ${property.id} cannot judge this history: ${why}`, { cause });
  }
}

function judgementOf(id: string, verdict: Verdict): Judgement {
  switch (verdict.verdict) {
    case "holds":
      return { id, verdict: "holds" };
    case "violated":
      return { id, verdict: "violated", detail: verdict.detail };
    case "vacuous":
      return { id, verdict: "vacuous", detail: verdict.why };
  }
}
