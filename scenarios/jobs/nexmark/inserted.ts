/** Records as a table that only grows, for joins, which are of tables. */
import {
  changeType,
  type Change,
  type DataStream,
  type OperatorStream,
  type TypeSerializer,
} from "../../../src/index.ts";

export const inserted = <T>(
  stream: DataStream<T>,
  type: TypeSerializer<T>,
): OperatorStream<Change<T>> =>
  stream.map((row): Change<T> => ({ op: "insert", row }), changeType(type));
