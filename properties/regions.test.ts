import { expect, test } from "vitest";
import { restartsAlone } from "./regions.ts";
import { historyOf, type HandNote } from "./testing.ts";

const running = (region: number): HandNote => ({ kind: "job-running", region, attempt: 65_537 });
const failing = (region: number, why = "task 0/1: boom"): HandNote => ({
  kind: "job-failing",
  region,
  attempt: 65_537,
  why,
});
const both = [running(0), running(1)];
const check = (...notes: readonly HandNote[]) => restartsAlone.check(historyOf({ notes })).verdict;

test("[RG1] a region that fails while another runs holds", () => {
  expect(check(...both, failing(0))).toBe("holds");
});

test("[RG1] the failure of one task brings down one region", () => {
  expect(check(...both, failing(0), failing(1))).toBe("violated");
  expect(check(...both, failing(0), failing(1, "task 3/0: bang"))).toBe("holds");
});

test("[RG1] whoever lost a process, or was told to start over, may go together", () => {
  const lost = "task manager tm-1 lost: silent";
  expect(check(...both, failing(0, lost), failing(1, lost))).toBe("holds");
});

test("[RG1] vacuous where nothing went on meanwhile", () => {
  expect(check(running(0), failing(0))).toBe("vacuous");
  expect(check(...both, { kind: "leader-elected", epoch: 2 }, failing(0))).toBe("vacuous");
});
