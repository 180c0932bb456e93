/**
 * Joins two tables that change, key by key, and says how the result changes.
 *
 * Each side keeps its rows with how often they are there. A change on one side is a change of every
 * pair it is part of, as often as the partner is there. An outer side also keeps, for each row, how
 * many rows of the other side match it: with none, the row stands alone in the result.
 *
 *   insert l, r there            -> insert (l, r)
 *   its first match, right outer -> delete (-, r), then insert (l, r)
 *   delete l                     -> delete (l, r)
 *   its last match, right outer  -> delete (l, r), then insert (-, r)
 *   no match, left outer         -> insert or delete (l, -)
 *
 * TJ1  Carried out so far, the output is the join of the inputs carried out so far.
 * TJ2  The output deletes only what it has inserted before, at every prefix.
 * TJ3  Whether a row stands alone is what its own count of matches says, never whether the other side
 *      is empty.
 *
 * A side that deletes a row it does not hold is no changelog: the task fails, and names the row. To
 * go on would be to guess, and every later result would be wrong without a sign.
 *
 * Rows go out as they are kept, so with object reuse whoever reads this operator must not change them.
 *
 * Source: Flink SQL, StreamingJoinOperator and OuterJoinRecordStateView. We differ: retracting what
 * is not there is ignored there.
 */
import { mapState, type MapState } from "../../state/state.ts";
import { types } from "../../types/serializers.ts";
import type { TypeSerializer } from "../../types/type.ts";
import type {
  Collector,
  KeyedCoProcessFunction,
  KeyedContext,
  RuntimeContext,
} from "../functions.ts";
import { abbreviate } from "../user-function-error.ts";
import type { Change, Joined, JoinSpec } from "./join-spec.ts";

/** Of one distinct row: how often it is there, and how many rows of the other side match it. */
type Held = Readonly<{ count: number; matches: number }>;

const heldType = types.record({ count: types.long, matches: types.long });

type Side<T> = Readonly<{
  name: "left" | "right";
  /** Its rows stand alone when nothing matches them; only then are matches counted. */
  outer: boolean;
  rows: MapState<T, Held>;
}>;

/** A pair told from one side; the side that is missing is undefined. */
type PairOf<T, P, L, R> = (own: T | undefined, other: P | undefined) => Joined<L, R>;
type Out<L, R> = Collector<Change<Joined<L, R>>>;

export class TableJoin<K, L, R> implements KeyedCoProcessFunction<
  K,
  Change<L>,
  Change<R>,
  Change<Joined<L, R>>
> {
  readonly #spec: JoinSpec<L, R>;
  #left!: Side<L>;
  #right!: Side<R>;

  constructor(spec: JoinSpec<L, R>) {
    this.#spec = spec;
  }

  open(context: RuntimeContext): void {
    const { kind, types: rowTypes } = this.#spec;
    const rowsOf = <T>(name: string, type: TypeSerializer<T>): MapState<T, Held> =>
      context.getMapState(mapState(name, type, heldType));
    this.#left = {
      name: "left",
      outer: kind === "left" || kind === "full",
      rows: rowsOf("left", rowTypes[0]),
    };
    this.#right = {
      name: "right",
      outer: kind === "right" || kind === "full",
      rows: rowsOf("right", rowTypes[1]),
    };
  }

  processFirst(change: Change<L>, _context: KeyedContext<K>, out: Out<L, R>): void {
    this.#apply(change, this.#left, this.#right, fromLeft, out);
  }

  processSecond(change: Change<R>, _context: KeyedContext<K>, out: Out<L, R>): void {
    this.#apply(change, this.#right, this.#left, fromRight, out);
  }

  #apply<T, P>(
    { op, row }: Change<T>,
    own: Side<T>,
    other: Side<P>,
    pairOf: PairOf<T, P, L, R>,
    out: Out<L, R>,
  ): void {
    const held = own.rows.get(row);
    if (op === "delete" && held === undefined) throw notHeld(own.name, row);
    const found = this.#changePairs(op, row, other, pairOf, out);
    const matches = held?.matches ?? (own.outer ? found : 0);
    if (own.outer && matches === 0) out.collect({ op, row: pairOf(row, undefined) });
    const count = (held?.count ?? 0) + (op === "insert" ? 1 : -1);
    if (count === 0) own.rows.remove(row);
    else own.rows.put(row, { count, matches });
  }

  /** The row comes to, or goes from, all that match it; how many those are. */
  #changePairs<T, P>(
    op: Change<T>["op"],
    row: T,
    other: Side<P>,
    pairOf: PairOf<T, P, L, R>,
    out: Out<L, R>,
  ): number {
    let found = 0;
    for (const [partner, held] of other.rows.entries()) {
      const pair = pairOf(row, partner);
      if (!this.#isMatch(pair)) continue;
      found += held.count;
      if (!other.outer) {
        repeat(out, op, pair, held.count);
        continue;
      }
      const alone = pairOf(undefined, partner);
      const matches = held.matches + (op === "insert" ? 1 : -1);
      // TJ2: what stands alone no more goes before the pair comes, and comes after the pair has gone.
      if (op === "insert" && held.matches === 0) repeat(out, "delete", alone, held.count);
      repeat(out, op, pair, held.count);
      if (op === "delete" && matches === 0) repeat(out, "insert", alone, held.count);
      other.rows.put(partner, { count: held.count, matches });
    }
    return found;
  }

  #isMatch({ left, right }: Joined<L, R>): boolean {
    const { on } = this.#spec;
    return on === undefined || on(left as L, right as R);
  }
}

const fromLeft = <L, R>(left: L | undefined, right: R | undefined): Joined<L, R> => ({
  left,
  right,
});
const fromRight = <L, R>(right: R | undefined, left: L | undefined): Joined<L, R> => ({
  left,
  right,
});

function repeat<T>(out: Collector<Change<T>>, op: Change<T>["op"], row: T, times: number): void {
  for (let i = 0; i < times; i++) out.collect({ op, row });
}

const notHeld = (side: string, row: unknown): Error =>
  new Error(
    `the ${side} input deletes ${abbreviate(row)}, which it has not inserted, or has deleted ` +
      "already; a changelog inserts a row before it deletes it, so let all changes of one row take " +
      "one path to the join",
  );
