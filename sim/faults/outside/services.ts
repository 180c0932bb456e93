/** Services that a job asks, which are not there, or answer late, twice or never. */
import { grouped } from "../../grouped.ts";
import { NOTHING_LOST, type FaultHandler } from "../fault.ts";
import { drawWindow, lasting, PER_MILLE, setFor, SOME_PER_MILLE, type Range } from "../window.ts";

const WINDOW_MS: Range = { min: 100, max: 3_000 };
const SLOW_MS: Range = { min: 100, max: 3_000 };

const WINDOW = {
  strikes: "services",
  lastsMs: lasting(WINDOW_MS),
  survivors: NOTHING_LOST,
} as const;

export const serviceTimeoutsFault: FaultHandler<"service-timeouts"> = {
  kind: "service-timeouts",
  does: "calls of the services that the job asks time out",
  models: "a service under load, whose answers come too late to be heard",
  survives: "every record: each call may be made again, and equal requests have equal answers",
  legality: { ...WINDOW, bounds: { perMille: PER_MILLE } },
  describe: ({ perMille, forMs }) =>
    `services time out ${perMille} per mille for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "service-timeouts",
    ...drawWindow(context, WINDOW_MS, { perMille: SOME_PER_MILLE }),
  }),
  inject: ({ forMs, perMille }, { services }) =>
    setFor(forMs, [perMille, 0], (value) => services.setTimeouts(value)),
};

export const serviceUnavailableFault: FaultHandler<"service-unavailable"> = {
  kind: "service-unavailable",
  does: "the services that the job asks refuse every call",
  models: "an outage or a rolling restart of a service: every call is refused",
  survives: "every record: each call may be made again",
  legality: WINDOW,
  describe: ({ forMs }) => `services unavailable for ${grouped(forMs)} ms`,
  draw: (context) => ({ kind: "service-unavailable", ...drawWindow(context, WINDOW_MS) }),
  inject: ({ forMs }, { services }) =>
    setFor(forMs, [true, false], (value) => services.setUnavailable(value)),
};

export const serviceHangsFault: FaultHandler<"service-hangs"> = {
  kind: "service-hangs",
  does: "calls of the services that the job asks are never answered",
  models: "a connection that stays open to a service which has hung: no answer, no error, for ever",
  survives: "every record: who asks has a time-out of its own, and may ask again",
  legality: { ...WINDOW, bounds: { perMille: PER_MILLE } },
  describe: ({ perMille, forMs }) =>
    `services never answer ${perMille} per mille for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "service-hangs",
    ...drawWindow(context, WINDOW_MS, { perMille: SOME_PER_MILLE }),
  }),
  inject: ({ forMs, perMille }, { services }) =>
    setFor(forMs, [perMille, 0], (unansweredPerMille) =>
      services.setTroubles({ unansweredPerMille }),
    ),
};

export const serviceSlowFault: FaultHandler<"service-slow"> = {
  kind: "service-slow",
  does: "answers of services come later, each by a time of its own",
  models:
    "a service with a long tail: answers overtake one another, and come behind that of a retry",
  survives: "every record, once, whichever answer comes first",
  legality: { ...WINDOW, bounds: { extraMs: { min: 1 } } },
  describe: ({ extraMs, forMs }) =>
    `services answer up to ${grouped(extraMs)} ms later for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "service-slow",
    ...drawWindow(context, WINDOW_MS, { extraMs: SLOW_MS }),
  }),
  inject: ({ forMs, extraMs }, { services }) =>
    setFor(forMs, [extraMs, 0], (slowMs) => services.setTroubles({ slowMs })),
};

export const serviceDoublesFault: FaultHandler<"service-doubles"> = {
  kind: "service-doubles",
  does: "calls of services travel twice, and are answered twice",
  models: "hedged or repeated requests on the way to a service: each of them is answered",
  survives: "every record, once",
  legality: { ...WINDOW, bounds: { perMille: PER_MILLE } },
  describe: ({ perMille, forMs }) =>
    `services answer ${perMille} per mille twice for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "service-doubles",
    ...drawWindow(context, WINDOW_MS, { perMille: SOME_PER_MILLE }),
  }),
  inject: ({ forMs, perMille }, { services }) =>
    setFor(forMs, [perMille, 0], (value) => services.setDoubles(value)),
};
