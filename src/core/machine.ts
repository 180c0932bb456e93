/**
 * The shape of every protocol: event in, new state and effects out.
 *
 * A machine never acts; whoever drives it carries the effects out, in order. Time comes in as data
 * (`nowMs` in the event); a timer is an effect out, and later an event in.
 */
export type Step<State, Effect> = Readonly<{ state: State; effects: readonly Effect[] }>;
