/** The memory backend under the contract of all backends; its pause is measured by the benchmark. */
import { stateBackendContract } from "../state-backend.contract.ts";
import { memoryBackend } from "./memory-backend.ts";

stateBackendContract("memory", memoryBackend);
