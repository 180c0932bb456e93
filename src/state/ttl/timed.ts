/**
 * A value and when it was last touched: what a state that expires stores.
 *
 *   ttl{long}    the touch as a long, then the value
 *
 * The type has an id of its own, so a state cannot gain or lose its ttl unnoticed: every byte of it
 * would be misread. How long an entry lives is not stored, and may be changed from run to run.
 *
 * A touch never changes an entry in place: it stores a new one. So a timed value is as immutable as
 * the value in it, and snapshots see touches like any other change.
 */
import type { ByteReader } from "../../core/bytes.ts";
import { ok } from "../../core/result.ts";
import { longType } from "../../types/primitives.ts";
import type { TypeSerializer } from "../../types/type.ts";
import { plainColumn } from "../column.ts";
import type { Column, ReadStored } from "../column.ts";
import { timedId, untimedId } from "./timed-id.ts";
import type { Ttl } from "./ttl.ts";
import { isExpired } from "./ttl.ts";

export type Timed<T> = Readonly<{ touchedMs: number; value: T }>;

function timedType<T>(type: TypeSerializer<T>): TypeSerializer<Timed<T>> {
  return {
    id: timedId(type.id),
    immutable: type.immutable,
    write({ touchedMs, value }, out) {
      longType.write(touchedMs, out);
      type.write(value, out);
    },
    read: timedReader((input) => type.read(input)),
    copy: type.immutable
      ? (timed) => timed
      : ({ touchedMs, value }) => ({ touchedMs, value: type.copy(value) }),
  };
}

const timedReader =
  <T>(read: ReadStored<T>): ReadStored<Timed<T>> =>
  (input: ByteReader) => ({ touchedMs: longType.read(input), value: read(input) });

export function timedColumn<T>(type: TypeSerializer<T>, ttl: Ttl): Column<Timed<T>> {
  const plain = plainColumn(type);
  return {
    type: timedType(type),
    readerOf(writtenId) {
      const read = plain.readerOf(untimedId(writtenId));
      return read.ok ? ok(timedReader(read.value)) : read;
    },
    expiry: {
      isExpired: ({ touchedMs }, nowMs) => isExpired(ttl, touchedMs, nowMs),
      leftOut: ttl.leftOutOfSnapshots,
    },
  };
}
