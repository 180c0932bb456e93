/**
 * Places where the engine may do what is legal, but what hardly ever happens: a test world asks for it at
 * random, a real host never does. Between two such places lies what no fault of the world can reach.
 *
 * Whatever a point does, the engine must be free to do by itself at any time: the words below say why it
 * is. A point changes when something happens or how often, never what comes out.
 *
 * Source: FoundationDB's BUGGIFY, which is armed by a draw per run and fires by a draw per visit.
 */
export const BUGGIFY_POINTS = {
  "one-element-step":
    "a subtask yields after one element; how many a step handles is nobody's business",
  "flush-early":
    "half-filled buffers leave before they are full or late; a time-out of 0 does the same",
  "wake-for-nothing": "a subtask runs a step though nothing has come; whoever is woken has to look",
  "alarm-early": "a timer of the clock rings early; what is not due then has to be set again",
  "skip-heartbeat": "one sign of life is left out; it may as well have been lost on its way",
  "late-notice": "a task hears late that a checkpoint is over; messages take as long as they like",
  "acknowledge-twice": "an acknowledgement is sent twice; messages may be doubled",
  "checkpoint-now":
    "the next checkpoint begins as soon as its pause is over, not after its interval",
  "alignment-timeout":
    "barriers that align stop waiting at once; the limit is a hope, not a promise",
  "store-again": "a request to the object store is made again, as if its answer had been lost",
  "no-local-copy": "a copy on the local disk is overlooked; the store has all that was kept there",
  "flush-memtable":
    "state in memory is written out before there is much of it, as for each checkpoint",
  "compact-now": "sorted files are merged before it is their turn; a merge changes no entry",
  "materialize-now":
    "all state is stored as a whole at once, and the log of its changes begins anew",
} as const satisfies Readonly<Record<string, string>>;

export type BuggifyPoint = keyof typeof BUGGIFY_POINTS;
