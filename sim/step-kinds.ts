/** The kinds of steps that a crash may strike within, as a list; the compiler holds it complete. */
import type { MessageKind } from "../src/index.ts";
import type { StepKind } from "./moment.ts";

const MESSAGES: Readonly<Record<MessageKind, true>> = {
  heartbeat: true,
  deploy: true,
  run: true,
  cancel: true,
  trigger: true,
  assign: true,
  align: true,
  completed: true,
  aborted: true,
  finish: true,
  report: true,
  acknowledge: true,
  decline: true,
  "cancel-job": true,
  "savepoint-job": true,
  "stop-job": true,
  "rescale-job": true,
  "resume-job": true,
  answer: true,
  line: true,
};

const LASTING: Readonly<Record<Exclude<StepKind, `${"send" | "receive"}/${MessageKind}`>, true>> = {
  "disk/sync": true,
  "disk/rename": true,
  "disk/delete": true,
  "disk/syncDirectory": true,
  "store/put": true,
  "store/delete": true,
  "store/effect": true,
  "ledger/fence": true,
  "ledger/fenceBehind": true,
  "ledger/write": true,
  "ledger/preCommit": true,
  "ledger/commit": true,
  "ledger/abort": true,
  "ledger/effect": true,
  "tables/beginLife": true,
  "tables/putEpoch": true,
  "tables/put": true,
  "tables/effect": true,
  "coordination/openSession": true,
  "coordination/campaign": true,
  "coordination/close": true,
  "coordination/compareAndSet": true,
  "coordination/effect": true,
};

export const STEP_KINDS = [
  ...Object.keys(MESSAGES).flatMap((kind) => [`send/${kind}`, `receive/${kind}`]),
  ...Object.keys(LASTING),
] as [StepKind, ...StepKind[]];
