/**
 * Which lane each event of the world is in (`kernel/lanes.ts`): what has to keep its order, and whose
 * state it touches.
 *
 *   timers of a process | control messages of a link | one way of a connection, and its end
 *   requests of a process to a service, which take effect there | answers to a process
 *
 * Lanes as fine as the world's promises: control messages and requests have no order among each other,
 * timers and connections do.
 */
import type { LaneOf } from "./kernel/lanes.ts";
import type { Processes } from "./processes.ts";

/** For events whose `a` is a process and whose `b` is its life; nothing of a former life happens. */
export const laneOfLife = (processes: Processes): LaneOf => ({
  key: (process) => process,
  owner: (process) => processes.idOf(process),
  text: (process) => processes.idOf(process),
  isSpent: (process, incarnation) =>
    !processes.isAlive(process) || processes.incarnation(process) !== incarnation,
});

/** As events of a life, but one that was cancelled does nothing either. */
export const laneOfTimers = (
  processes: Processes,
  isCancelled: (payload: unknown) => boolean,
): LaneOf => {
  const ofLife = laneOfLife(processes);
  return {
    ...ofLife,
    isSpent: (process, incarnation, payload) =>
      isCancelled(payload) || ofLife.isSpent?.(process, incarnation, payload) === true,
  };
};

/** Requests on their way: `a` is who asks, `b` tells them apart. */
export const laneOfEffects = (service: string, processes: Processes): LaneOf => ({
  key: (process) => process,
  owner: () => service,
  text: (process) => processes.idOf(process),
  unordered: true,
});

/** Messages: `a` is the link, from * count + to, and `b` tells them apart. */
export const laneOfMessages = (processes: Processes): LaneOf => {
  const toOf = (link: number): number => link % processes.count;
  const fromOf = (link: number): number => (link - toOf(link)) / processes.count;
  return {
    key: (link) => link,
    owner: (link) => processes.idOf(toOf(link)),
    text: (link) => `${processes.idOf(fromOf(link))}>${processes.idOf(toOf(link))}`,
    unordered: true,
    isSpent: (link) => !processes.isAlive(toOf(link)),
  };
};

/** One way of a connection; `from` and `to` are processes. */
export type Way = Readonly<{ name: string; from: number; to: number; isHeard: boolean }>;

/** What a connection brings: `a` is its number. */
export const laneOfWay = (
  processes: Processes,
  wayOf: (payload: unknown, b: number) => Way,
): LaneOf => ({
  key: (connection) => connection,
  owner: (_connection, b, payload) => processes.idOf(wayOf(payload, b).to),
  text: (_connection, b, payload) => {
    const { name, from, to } = wayOf(payload, b);
    return `${processes.idOf(from)}>${processes.idOf(to)} ${name}`;
  },
  isSpent: (_connection, b, payload) => !wayOf(payload, b).isHeard,
});

/** How an end of a connection hears of its end: `b` is which one. */
export const laneOfEnds = (
  processes: Processes,
  wayOf: (payload: unknown, b: number) => Way,
): LaneOf => ({
  ...laneOfWay(processes, wayOf),
  key: (connection, end) => connection * 2 + end,
});
