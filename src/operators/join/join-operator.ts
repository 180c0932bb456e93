/** Runs the join of two tables that change (`table-join.ts`) over two keyed inputs. */
import type { TypeSerializer } from "../../types/type.ts";
import type { KeySelector } from "../functions.ts";
import { KeyedCoProcessOperator } from "../keyed-co-process-operator.ts";
import type { Output } from "../operator.ts";
import type { Change, Joined, JoinSpec } from "./join-spec.ts";
import { TableJoin } from "./table-join.ts";

export type JoinConfig<K, L, R> = Readonly<{
  keys: readonly [KeySelector<Change<L>, K>, KeySelector<Change<R>, K>];
  keyType: TypeSerializer<K>;
  spec: JoinSpec<L, R>;
}>;

export class JoinOperator<K, L, R> extends KeyedCoProcessOperator<
  K,
  Change<L>,
  Change<R>,
  Change<Joined<L, R>>
> {
  constructor({ keys, keyType, spec }: JoinConfig<K, L, R>, output: Output<Change<Joined<L, R>>>) {
    super({ keys, keyType, create: () => new TableJoin(spec) }, output);
  }
}
