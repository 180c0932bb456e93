/**
 * Keeps the checkpoints that members take in their own time, and finds lines among them.
 *
 *   reported --newer line, and one is wanted--> proposed --its metadata is durable--> the line
 *                                                  \--proven not to be there--> reported
 *   older than the line, and in none --> discarded
 *
 * LK1  Only what the present attempt of a member has reported is in a line, and each member is in each.
 * LK2  No file of a checkpoint that was ever proposed is discarded here: it belongs to that line, and goes
 *      with it.
 * LK3  Each line is newer than the one before: at some task, and at no member older. What an enumerator
 *      has found since is no reason for a line: its readers have nothing of it yet.
 * LK4  One line is proposed at a time.
 *
 * Ids of an earlier leader are not judged here: it may have made a line of them (C122).
 *
 * Not here: how lines are found (`recovery-line.ts`), and who the members are (`line-shape.ts`); a line as
 * a checkpoint that the job goes back to (`coordinator.ts`).
 */
import { assert, present, unreachable } from "../core/assert.ts";
import type { AttemptId, CheckpointId } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import { newestLine, type Flow, type Line, type Reach } from "./recovery-line.ts";

/** A checkpoint of one member; `part` is what a line has of it. */
export type LocalCheckpoint<P> = Reach & Readonly<{ part: P }>;

type Kept<P> = Readonly<{ reach: LocalCheckpoint<P>; /** LK2 */ used: boolean }>;

export type LineKeeper<P> = Readonly<{
  flows: readonly Flow[];
  /** So many members are tasks: the first ones. */
  tasks: number;
  /** Lower ids are another leader's. */
  firstId: CheckpointId;
  /** By member; undefined while it does not run. */
  attempts: readonly (AttemptId | undefined)[];
  /** By member, ascending by id: the one in the line, if its attempt runs, and newer ones. */
  kept: readonly (readonly Kept<P>[])[];
  /** Its metadata is being written. */
  proposed: Line<LocalCheckpoint<P>> | undefined;
  /** By member: its id in the newest line; 0 before the first. */
  line: readonly number[];
}>;

export type KeeperEvent<P> = Readonly<
  | { kind: "running"; members: readonly number[]; attempt: AttemptId }
  | { kind: "over"; members: readonly number[] }
  | { kind: "reported"; member: number; attempt: AttemptId; reach: LocalCheckpoint<P> }
  /** Somebody would store a line now. */
  | { kind: "wanted" }
  | { kind: "durable" }
  /** There is no line of that proposal, and never will be. */
  | { kind: "given-up" }
>;
export type KeeperEffect<P> = Readonly<
  | { kind: "propose"; line: Line<LocalCheckpoint<P>> }
  /** In no line, and no use for one. */
  | { kind: "discard"; parts: readonly P[] }
  | {
      kind: "ignore";
      why:
        "known" | "older-leader" | "older-attempt" | "nothing-newer" | "proposed" | "no-proposal";
    }
>;
type KeeperStep<P> = Step<LineKeeper<P>, KeeperEffect<P>>;

export function createKeeper<P>(
  { members, tasks }: Readonly<{ members: number; tasks: number }>,
  flows: readonly Flow[],
  firstId: CheckpointId,
): LineKeeper<P> {
  return {
    flows,
    tasks,
    firstId,
    attempts: new Array<undefined>(members).fill(undefined),
    kept: new Array<readonly Kept<P>[]>(members).fill([]),
    proposed: undefined,
    line: new Array<number>(members).fill(0),
  };
}

export function stepKeeper<P>(state: LineKeeper<P>, event: KeeperEvent<P>): KeeperStep<P> {
  switch (event.kind) {
    case "running": {
      const { members, attempt } = event;
      const busy = members.find((member) => state.attempts[member] !== undefined);
      assert(busy === undefined, () => `LK1 member ${busy} runs twice`);
      const attempts = state.attempts.map((own, i) => (members.includes(i) ? attempt : own));
      return { state: { ...state, attempts }, effects: [] };
    }
    case "over":
      return forget(state, event.members);
    case "reported":
      return report(state, event.member, event.attempt, event.reach);
    case "wanted":
      return propose(state);
    case "durable":
      return settle(state);
    case "given-up":
      return state.proposed === undefined
        ? ignore(state, "no-proposal")
        : { state: { ...state, proposed: undefined }, effects: [] };
    default:
      return unreachable(event);
  }
}

function report<P>(
  state: LineKeeper<P>,
  member: number,
  attempt: AttemptId,
  reach: LocalCheckpoint<P>,
): KeeperStep<P> {
  const own = present(state.kept[member], () => `no member ${member}`);
  const { id } = reach;
  if (id < state.firstId) return ignore(state, "older-leader");
  const proposed = state.proposed?.members[member]?.id ?? 0;
  if (id <= Math.max(state.line[member]!, proposed)) return ignore(state, "known"); // LK2
  if (state.attempts[member] !== attempt) {
    return withDiscards(state, [reach.part], { kind: "ignore", why: "older-attempt" });
  }
  if (own.some((each) => each.reach.id === id)) return ignore(state, "known");
  const next = [...own, { reach, used: false }].sort((a, b) => a.reach.id - b.reach.id);
  return { state: { ...state, kept: state.kept.with(member, next) }, effects: [] };
}

function propose<P>(state: LineKeeper<P>): KeeperStep<P> {
  if (state.proposed !== undefined) return ignore(state, "proposed"); // LK4
  const line = newestLine(
    state.flows,
    state.kept.map((own) => own.map(({ reach }) => reach)),
  );
  const tasks = line?.members.slice(0, state.tasks);
  const newer = tasks?.some(({ id }, member) => id > state.line[member]!) === true;
  if (line === undefined || !newer) return ignore(state, "nothing-newer");
  line.members.forEach(({ id }, member) => {
    const before = state.line[member]!;
    assert(id >= before, () => `LK3 member ${member} goes back from ${before} to ${id}`);
  });
  const kept = state.kept.map((own, member) =>
    own.map((each) => (each.reach === line.members[member] ? { ...each, used: true } : each)),
  );
  return { state: { ...state, kept, proposed: line }, effects: [{ kind: "propose", line }] };
}

/** What lies before the line is of no use any more. */
function settle<P>(state: LineKeeper<P>): KeeperStep<P> {
  const { proposed } = state;
  if (proposed === undefined) return ignore(state, "no-proposal");
  const line = proposed.members.map(({ id }) => id);
  const before = state.kept.flatMap((own, i) => own.filter(({ reach }) => reach.id < line[i]!));
  const kept = state.kept.map((own, i) => own.filter(({ reach }) => reach.id >= line[i]!));
  return withDiscards({ ...state, kept, line, proposed: undefined }, unused(before));
}

/** LK1: the next attempt of these members sends and receives from the beginning. */
function forget<P>(state: LineKeeper<P>, members: readonly number[]): KeeperStep<P> {
  const gone = members.flatMap((member) => state.kept[member] ?? []);
  const kept = state.kept.map((own, i) => (members.includes(i) ? [] : own));
  const attempts = state.attempts.map((own, i) => (members.includes(i) ? undefined : own));
  return withDiscards({ ...state, kept, attempts }, unused(gone));
}

const unused = <P>(kept: readonly Kept<P>[]): readonly P[] =>
  kept.filter(({ used }) => !used).map(({ reach }) => reach.part);

function withDiscards<P>(
  state: LineKeeper<P>,
  parts: readonly P[],
  ...others: readonly KeeperEffect<P>[]
): KeeperStep<P> {
  return { state, effects: parts.length > 0 ? [...others, { kind: "discard", parts }] : others };
}

const ignore = <P>(
  state: LineKeeper<P>,
  why: Extract<KeeperEffect<P>, { kind: "ignore" }>["why"],
): KeeperStep<P> => ({ state, effects: [{ kind: "ignore", why }] });
