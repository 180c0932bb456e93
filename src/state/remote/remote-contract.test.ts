/** State far away under the contract of all backends. */
import { stateBackendContract } from "../state-backend.contract.ts";
import { SPILLING } from "../disk/disk.fixture.ts";
import { remoteBackend } from "./remote-backend.ts";
import { farBackend, sentAway } from "./remote.fixture.ts";

stateBackendContract("remote, all at hand", () => sentAway(remoteBackend(SPILLING), 50));
stateBackendContract("remote, next to nothing at hand", () => sentAway(farBackend(), 5));
