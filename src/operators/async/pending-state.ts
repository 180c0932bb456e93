/**
 * What a checkpoint holds of inputs that wait for an answer: each by itself, so that they can be dealt
 * out anew after a rescaling; in order, so that they are asked for again in it.
 */
import { ByteReader, ByteWriter, DecodeError } from "../../core/bytes.ts";
import type { OperatorUid } from "../../core/ids.ts";
import type { OperatorSnapshot, OperatorStateSnapshot } from "../../state/operator-snapshot.ts";
import { StateIncompatibleError } from "../../state/state-backend.ts";
import type { TypeSerializer } from "../../types/type.ts";

const NAME = "pending";

export type Pending<I> = Readonly<{ value: I; timestampMs: number }>;

export function encodePending<I>(
  inputs: Iterable<Pending<I>>,
  type: TypeSerializer<I>,
): OperatorStateSnapshot {
  const out = new ByteWriter();
  const elements: Uint8Array[] = [];
  for (const { value, timestampMs } of inputs) {
    out.reset();
    out.f64(timestampMs);
    type.write(value, out);
    elements.push(out.toBytes());
  }
  return { name: NAME, mode: "split", elements };
}

/**
 * @throws DecodeError when the bytes are not such inputs
 * @throws StateIncompatibleError when another kind of operator wrote this
 */
export function decodePending<I>(
  { keyed, timers, operatorState }: OperatorSnapshot,
  type: TypeSerializer<I>,
  uid: OperatorUid,
): Pending<I>[] {
  const strange = operatorState.find(({ name, mode }) => name !== NAME || mode !== "split");
  if (keyed.length + timers.length > 0 || strange !== undefined) {
    const what = strange === undefined ? "keyed state" : `a ${strange.mode} list "${strange.name}"`;
    throw new StateIncompatibleError(
      `operator "${uid}" calls a service, yet the checkpoint holds ${what} under its uid; ` +
        "give the operator that wrote it this uid, or start without the checkpoint",
    );
  }
  return operatorState.flatMap(({ elements }) => elements.map((bytes) => decodeOne(bytes, type)));
}

function decodeOne<I>(bytes: Uint8Array, type: TypeSerializer<I>): Pending<I> {
  const input = new ByteReader(bytes);
  const timestampMs = input.f64();
  const value = type.read(input);
  if (input.remaining === 0) return { value, timestampMs };
  throw new DecodeError(`an input with ${input.remaining} bytes too many`, input.position);
}
