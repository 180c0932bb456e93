/**
 * Which checkpoints of single members, each taken in its own time, make a point that all can go back to.
 *
 * Nobody agreed on anything when they were taken, so one may have received what another one, at its
 * checkpoint, had not sent yet. Going back to both would leave a record without its sender, which sends
 * it again. Whoever has such an orphan goes back further, which may make orphans of what it had sent:
 *
 *   a  ---1-------x---2------------     b has at 2 what a sends at x, and a at 1 has not sent it:
 *                  \                    with a at 1, b has to go back to 1
 *   b  -----1-------o----2---------
 *
 * What was sent and not received is no harm: the sender has it in its log, and it is delivered again. Where
 * there is no log, it is lost, and then it is the sender that has to go back.
 *
 * RL1  Of a line no member has received what another one, in that line, has not sent: no orphans.
 * RL2  Nor has one sent what another one has not received, where nothing is logged.
 * RL3  Every other line without orphans is at none of its members newer. So there is one newest line, and
 *      with more checkpoints it only ever moves on.
 *
 * Source: rollback propagation, as in Elnozahy, Alvisi, Wang and Johnson's survey of rollback-recovery
 * protocols (2002), section 4.2; the line is found without their graph, from counts on channels.
 * Not here: who the members are, and when a line is asked for (`line-keeper.ts`).
 */
import { assertWithin, present } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";

/** A channel from one member to another: where its counts stand in the checkpoints of the two. */
export type Flow = Readonly<{
  sender: number;
  sentAt: number;
  receiver: number;
  receivedAt: number;
  /** The sender keeps what it sends until nobody can want it again. */
  logged: boolean;
}>;

/** How far each channel of one member had come when it took a checkpoint. */
export type Reach = Readonly<{
  id: CheckpointId;
  sent: readonly number[];
  received: readonly number[];
}>;

export type Line<R extends Reach> = Readonly<{
  /** One for each member. */
  members: readonly R[];
  /** By member: how many newer checkpoints it has, that are of no use yet. */
  behind: readonly number[];
}>;

/**
 * @param reaches those that each member has, the oldest first
 * @returns undefined where some member would have to go back further than it can
 */
export function newestLine<R extends Reach>(
  flows: readonly Flow[],
  reaches: readonly (readonly R[])[],
): Line<R> | undefined {
  const at = reaches.map((own) => own.length - 1);
  if (at.includes(-1)) return undefined;
  for (let settled = false; !settled;) {
    settled = true;
    for (const flow of flows) {
      const culprit = culpritOf(flow, reaches, at);
      if (culprit === undefined) continue;
      const next = at[culprit]! - 1;
      if (next < 0) return undefined;
      at[culprit] = next;
      settled = false;
    }
  }
  const members = reaches.map((own, member) => own[at[member]!]!);
  return { members, behind: reaches.map((own, member) => own.length - 1 - at[member]!) };
}

/** Who has to go back for the sake of that channel; undefined: nobody. */
function culpritOf<R extends Reach>(
  { sender, sentAt, receiver, receivedAt, logged }: Flow,
  reaches: readonly (readonly R[])[],
  at: readonly number[],
): number | undefined {
  const sent = countOf(reaches[sender]?.[at[sender]!]?.sent, sentAt);
  const received = countOf(reaches[receiver]?.[at[receiver]!]?.received, receivedAt);
  if (received > sent) return receiver; // RL1
  return sent > received && !logged ? sender : undefined; // RL2
}

function countOf(counts: readonly number[] | undefined, at: number): number {
  const count = present(counts?.[at], () => `RL1 a checkpoint without a count of channel ${at}`);
  assertWithin("count of a channel", count, 0, Number.MAX_SAFE_INTEGER);
  return count;
}
