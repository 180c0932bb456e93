/**
 * A service that a few processes agree by: sessions that end when nobody hears of their holder, latches
 * that one session holds at a time, and registers that change only from what the writer has read.
 *
 * A process cannot know that it is the leader, only that it was: it may stand still between reading that
 * and acting on it. So each term of a latch has a token, higher than any before, that goes along with
 * whatever is done in its name; who checks tokens refuses those of terms that are over (C122).
 */
import type { Result } from "../core/result.ts";

/** The holder of a latch, and for which term. */
export type Leader = Readonly<{ token: number; name: string }>;

export type LeaseOptions = Readonly<{
  /** For others: "jm-1", or where to find it. */
  name: string;
  /** How long the service waits for a sign of life. */
  leaseMs: number;
  /**
   * Once: the service has given the session up, or may have. Nothing of this session is called after
   * that, and whatever it held is another's by now or soon.
   */
  onExpired(): void;
}>;

export interface LeaseSession {
  /**
   * Whether it may be over, by the clock of this process; says so through `onExpired` as well. Whoever
   * acts in its name asks first: what was held up while the process stood still comes before the news.
   */
  isOver(): boolean;
  /**
   * Waits for the latch; those who wait get it in turn. Once, in this session.
   *
   * @param onElected told late, perhaps when the term is over again
   */
  campaign(latch: string, onElected: (token: number) => void): void;
  /** Gives up all it holds and waits for. `onExpired` is not called. */
  close(): void;
}

/** Version 0: it was never set, and is empty. */
export type Register = Readonly<{ version: number; value: Uint8Array }>;

export type RegisterChange = Readonly<{
  /** The version that was read. */
  version: number;
  value: Uint8Array;
  /** In whose name: refused when a newer term of the latch has begun. */
  under?: Readonly<{ latch: string; token: number }>;
}>;

export type CoordinationError = Readonly<
  /** It may have happened, or may happen yet (C123). */
  | { kind: "timeout" }
  /** It has not happened: the service has no majority at the moment. */
  | { kind: "unavailable" }
  /** The register is at another version. */
  | { kind: "changed"; version: number }
  | { kind: "fenced"; token: number }
>;

export interface Coordination {
  /** Keeps itself alive for as long as this process runs. */
  openSession(options: LeaseOptions): LeaseSession;
  /**
   * Tells who holds the latch, now and whenever that changes: late, and leaving out what did not last, but
   * never an older term behind a newer one.
   *
   * @returns ends it
   */
  watchLeader(latch: string, onLeader: (leader: Leader | undefined) => void): () => void;
  read(register: string, done: (result: Result<Register, CoordinationError>) => void): void;
  /** To the next version, which is the answer. */
  compareAndSet(
    register: string,
    change: RegisterChange,
    done: (result: Result<number, CoordinationError>) => void,
  ): void;
}
