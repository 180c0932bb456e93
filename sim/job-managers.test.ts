import { expect, test } from "vitest";
import { isJobManager, jobManagerNames } from "./job-managers.ts";

test("job managers are told from other processes by their names", () => {
  expect(jobManagerNames({})).toEqual(["jm"]);
  expect(jobManagerNames({ jobManagers: 3 })).toEqual(["jm", "jm-1", "jm-2"]);
  expect(["jm", "jm-1", "jm-12", "tm-1", "client", "jmx"].map(isJobManager)).toEqual([
    ...[true, true, true],
    ...[false, false, false],
  ]);
});
