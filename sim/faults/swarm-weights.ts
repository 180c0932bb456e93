/**
 * How often kinds of faults are drawn that have something to strike only in some jobs and clusters. Where
 * that is a setting which a seed is drawn, so are they.
 */
import type { LogicalGraph } from "../../src/index.ts";
import type { FaultKind, RunOptions } from "../plan.ts";

type FaultWeights = Readonly<Partial<Record<FaultKind, number>>>;

/** Where job managers stand by: others have no session. */
const STANDBY: FaultWeights = {
  "expire-session": 3,
  ...{ "coordination-unavailable": 1, "coordination-slow": 1, "delay-watches": 1 },
};

/** Where a job would use what is on a disk: for others it is a crash like any other. */
const LOCAL: FaultWeights = { "lose-disk": 3 };

/** Where state or copies of it lie on disks: for others it is next to nothing. */
const DISK: FaultWeights = {
  ...{ "fail-sync": 1, "rot-disk": 1, "misdirect-writes": 1 },
  ...{ "short-reads": 1, "fill-disk": 1, "slow-disk": 1 },
};

export function weightsFor(
  { checkpoints, backend }: LogicalGraph,
  { jobManagers = 1 }: Pick<RunOptions, "jobManagers">,
): FaultWeights {
  const { localRecovery } = checkpoints;
  const usesDisk = backend.name === "disk" || backend.name === "remote";
  return {
    ...(localRecovery ? LOCAL : {}),
    ...(localRecovery || usesDisk ? DISK : {}),
    ...(jobManagers > 1 ? STANDBY : {}),
  };
}
