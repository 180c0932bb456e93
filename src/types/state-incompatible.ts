/**
 * What was stored does not have the type that the job now declares: a mistake in how the job was
 * changed, not damage. It stands this low because keyed state and timers both refuse such a snapshot.
 */
export class StateIncompatibleError extends Error {
  override readonly name = "StateIncompatibleError";
}
