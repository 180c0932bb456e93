/** Answers of services that never come, come late, or come twice. */
import { grouped } from "../../grouped.ts";
import type { FaultHandler, Survivor } from "../fault.ts";

const WINDOW_MS_MIN = 100;
const WINDOW_MS_MAX = 3_000;
const PER_MILLE_MIN = 50;
const PER_MILLE_MAX = 800;
const SLOW_MS_MIN = 100;
const SLOW_MS_MAX = 3_000;

const ALL: readonly Survivor[] = ["processes", "files", "object store", "ledger", "messages"];

export const serviceHangsFault: FaultHandler<"service-hangs"> = {
  kind: "service-hangs",
  does: "calls of the services that the job asks are never answered",
  models: "a connection that stays open to a service which has hung: no answer, no error, for ever",
  survives: "every record: who asks has a time-out of its own, and may ask again",
  legality: {
    strikes: "services",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { perMille: { min: 1, max: 1_000 } },
    survivors: ALL,
  },
  describe: ({ perMille, forMs }) =>
    `services never answer ${perMille} per mille for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const perMille = context.random.integer(PER_MILLE_MIN, PER_MILLE_MAX);
    return { kind: "service-hangs", when: context.moment(forMs), forMs, perMille };
  },
  inject: ({ forMs, perMille }, { services }) => {
    services.setTroubles({ unansweredPerMille: perMille });
    return { afterMs: forMs, heal: () => services.setTroubles({ unansweredPerMille: 0 }) };
  },
};

export const serviceSlowFault: FaultHandler<"service-slow"> = {
  kind: "service-slow",
  does: "answers of services come later, each by a time of its own",
  models:
    "a service with a long tail: answers overtake one another, and come behind that of a retry",
  survives: "every record, once, whichever answer comes first",
  legality: {
    strikes: "services",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { extraMs: { min: 1 } },
    survivors: ALL,
  },
  describe: ({ extraMs, forMs }) =>
    `services answer up to ${grouped(extraMs)} ms later for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const extraMs = context.random.integer(SLOW_MS_MIN, SLOW_MS_MAX);
    return { kind: "service-slow", when: context.moment(forMs), forMs, extraMs };
  },
  inject: ({ forMs, extraMs }, { services }) => {
    services.setTroubles({ slowMs: extraMs });
    return { afterMs: forMs, heal: () => services.setTroubles({ slowMs: 0 }) };
  },
};

export const serviceDoublesFault: FaultHandler<"service-doubles"> = {
  kind: "service-doubles",
  does: "calls of services travel twice, and are answered twice",
  models: "hedged or repeated requests on the way to a service: each of them is answered",
  survives: "every record, once",
  legality: {
    strikes: "services",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { perMille: { min: 1, max: 1_000 } },
    survivors: ALL,
  },
  describe: ({ perMille, forMs }) =>
    `services answer ${perMille} per mille twice for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const perMille = context.random.integer(PER_MILLE_MIN, PER_MILLE_MAX);
    return { kind: "service-doubles", when: context.moment(forMs), forMs, perMille };
  },
  inject: ({ forMs, perMille }, { services }) => {
    services.setDoubles(perMille);
    return { afterMs: forMs, heal: () => services.setDoubles(0) };
  },
};
