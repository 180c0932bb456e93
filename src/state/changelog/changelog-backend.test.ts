/** Logged state under the contract of all backends: every snapshot of it through files and a replay. */
import { stateBackendContract } from "../state-backend.contract.ts";
import { memoryBackend } from "../memory/memory-backend.ts";
import { changelogBackend } from "./changelog-backend.ts";
import { throughLog } from "./changelog.fixture.ts";

stateBackendContract("changelog, in the canonical form", () => changelogBackend(memoryBackend()));
stateBackendContract(
  "changelog, through the log",
  () => throughLog(memoryBackend(), { segmentBytes: 40 }),
  {
    "[C95] [SB2] a full snapshot leaves out what had run out when it was taken":
      "a log does not say what runs out by itself; the next materialization leaves it out",
  },
);
