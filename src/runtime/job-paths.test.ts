import { describe, expect, test } from "vitest";
import { asCheckpointId, asLeaderEpoch } from "../core/ids.ts";
import {
  leaderPath,
  readJobRecords,
  reservationPath,
  settingsPath,
  terminalPath,
} from "./job-paths.ts";

const epoch = asLeaderEpoch;
const id = asCheckpointId;

describe("the records of a job", () => {
  test("of which there are none yet", () => {
    expect(readJobRecords("j", [])).toEqual({
      ...{ epoch: 0, reservedThrough: 0, settings: 0 },
      terminal: undefined,
    });
  });

  test("[C47] are the newest by number, in whatever order and width they were written", () => {
    const records = readJobRecords("j", [
      leaderPath("j", epoch(10)),
      leaderPath("j", epoch(9)),
      "jobs/j/leader/2",
      reservationPath("j", id(32)),
      reservationPath("j", id(128)),
      reservationPath("j", id(96)),
      settingsPath("j", 65_538),
      settingsPath("j", 9),
    ]);
    expect(records).toEqual({
      ...{ epoch: 10, reservedThrough: 128, settings: 65_538 },
      terminal: undefined,
    });
  });

  test("[C124] say how the job ended", () => {
    for (const state of ["finished", "cancelled", "failed"] as const) {
      expect(readJobRecords("j", [terminalPath("j", state)]).terminal).toBe(state);
    }
  });

  test("[C124] say so run by run", () => {
    const paths = [terminalPath("j", "finished"), terminalPath("j", "cancelled", 2)];
    expect([1, 2, 3].map((run) => readJobRecords("j", paths, run).terminal)).toEqual([
      "finished",
      "cancelled",
      undefined,
    ]);
  });

  test("of another job, or of one with a longer name, are not this one's", () => {
    const others = [leaderPath("jj", epoch(5)), terminalPath("jj", "finished")];
    expect(readJobRecords("j", others)).toMatchObject({ epoch: 0, terminal: undefined });
  });

  test("lie in order of their numbers", () => {
    expect(leaderPath("j", epoch(2))).toBe("jobs/j/leader/0000000000000002");
    expect(reservationPath("j", id(64))).toBe("jobs/j/ids/0000000000000064");
    expect(leaderPath("j", epoch(9)) < leaderPath("j", epoch(10))).toBe(true);
  });
});
