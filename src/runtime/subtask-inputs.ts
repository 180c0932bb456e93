/** How the inputs of a subtask come to be: connected to who sends, after what was under way to it. */
import { assert } from "../core/assert.ts";
import type { Host } from "../host/host.ts";
import type { InFlightFile } from "../checkpoint/in-flight-file.ts";
import type { InputGate } from "./input-gate.ts";
import type { SubtaskConfig, TaskLocations } from "./subtask-config.ts";

/** Opens the input channels; every producer listens already, or the connection breaks. */
export function connectInputs(host: Host, gate: InputGate, locations: TaskLocations): void {
  for (const channel of gate.channels) {
    const { vertex, subtask } = channel.from;
    const process = locations.processOf(vertex, subtask);
    assert(process !== undefined, () => `${channel.name} comes from an unknown place`);
    channel.attach(host.channels.connect(process, channel.name, channel));
  }
}

/** What was under way to it stands in its gate before anything else can (C17). */
export function recoverInputs(
  { host, vertex, subtask, recoverInFlight }: SubtaskConfig,
  gate: InputGate,
  files: readonly InFlightFile[],
): void {
  let records = 0;
  for (const recovered of recoverInFlight(files)) {
    gate.recover(recovered.channel, recovered.bytes);
    records += recovered.records;
  }
  if (records > 0) host.note({ kind: "in-flight-restored", vertex, subtask, records });
}
