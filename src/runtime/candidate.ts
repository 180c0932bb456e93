/**
 * One of several job managers: stands by until it is elected, leads for a term, and stands by again.
 *
 *   standing by --elected--> waiting --a lease--> leading (job-manager.ts)
 *        ^--------------------session over----------------/
 *
 * Candidates campaign for a latch of the coordination service, which says who may lead. Under which epoch
 * the store says, as it does for a job manager without a rival (`leadership.ts`): the service may have
 * lost all it knew, and what a leader leaves behind lies in the store.
 *
 * CJ1  Nothing is done in the name of a term that is over (`term-host.ts`, C122).
 * CJ2  A term that ends leaves the job as it is: the leader is dropped, and no record of the job is written
 *      or deleted (C124).
 * CJ3  Whoever follows another leader waits for a lease first. A session may be over before its holder
 *      knows; it does know after a lease, so from then on there is one leader, and no higher epoch than
 *      the newest leader's was ever heard of.
 *
 * In Flink, DefaultLeaderElectionService and JobMasterServiceLeadershipRunner. We differ: a term that is over
 * is cut off from outside and need not be wound up.
 */
import type { ProcessId } from "../core/ids.ts";
import type { LeaseSession } from "../host/coordination.ts";
import type { Host, Process } from "../host/host.ts";
import { JobManager, type JobManagerConfig } from "./job-manager.ts";
import { jobPrefix } from "./job-paths.ts";
import { TermHost } from "./term-host.ts";

/** Nobody has led before. */
const FIRST_TERM = 1;

export class CandidateJobManager implements Process {
  readonly #host: Host;
  readonly #config: JobManagerConfig;
  #session: LeaseSession | undefined;
  #leader: JobManager | undefined;

  constructor(host: Host, config: JobManagerConfig) {
    this.#host = host;
    this.#config = config;
  }

  start(): void {
    const { processId: name, coordination } = this.#host;
    const { plan, options } = this.#config;
    const session = coordination.openSession({
      name,
      leaseMs: options.heartbeatTimeoutMs,
      onExpired: () => this.#suspend(),
    });
    this.#session = session;
    session.campaign(jobPrefix(plan.graph.name), (token) => this.#onElected(session, token));
  }

  /** CJ1. */
  onMessage(from: ProcessId, bytes: Uint8Array): void {
    if (this.#session?.isOver() === false) this.#leader?.onMessage(from, bytes);
  }

  #onElected(session: LeaseSession, token: number): void {
    const { heartbeatTimeoutMs } = this.#config.options;
    const host = new TermHost(this.#host, () => session.isOver());
    const waitMs = token === FIRST_TERM ? 0 : heartbeatTimeoutMs; // CJ3
    host.setTimer(waitMs * 1_000, () => {
      this.#leader = new JobManager(host, this.#config);
      this.#leader.start();
    });
  }

  /** CJ2. */
  #suspend(): void {
    const leader = this.#leader;
    this.#leader = undefined;
    if (leader !== undefined) {
      const { epoch, isRestarting: restarting } = leader;
      this.#host.note({ kind: "job-suspended", epoch, restarting });
    }
    this.start();
  }
}
