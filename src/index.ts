/** The public surface of the engine; the only file of `src/` that outsiders import. */
export * from "./core/ids.ts";
export * from "./core/assert.ts";
export * from "./core/result.ts";
export * from "./core/bytes.ts";
export * from "./core/ordered.ts";
export { crc32 } from "./core/checksum.ts";
export { hashBytes, hashText, mix, murmurHash } from "./core/hash.ts";
export { latin1Text } from "./core/utf8.ts";
export * from "./core/element.ts";
export type * from "./types/type.ts";
export { types } from "./types/serializers.ts";
export { checkSerializer } from "./types/custom-type.ts";
export type { CustomType } from "./types/custom-type.ts";
export { readerOf } from "./types/migration.ts";
export type { RecordOptions } from "./types/record-codec.ts";
export { createKeyCodec } from "./types/keys.ts";
export type { KeyCodec } from "./types/keys.ts";
export { ValueTypeError } from "./types/value-error.ts";
export * from "./host/buggify.ts";
export type * from "./host/host.ts";
export * from "./host/channels.ts";
export type * from "./host/coordination.ts";
export type * from "./host/disk.ts";
export type * from "./host/note.ts";
export type * from "./host/random.ts";
export * from "./host/object-store.ts";
export * from "./host/services.ts";
export * from "./host/tables.ts";
export * from "./state/state.ts";
export type * from "./state/operator-state.ts";
export * from "./state/state-backend.ts";
export type * from "./state/keyed-snapshot.ts";
export type * from "./state/operator-snapshot.ts";
export * from "./state/key-groups.ts";
export { damageOf, storedFile } from "./core/stored-file.ts";
export type { StoredFile } from "./core/stored-file.ts";
export * from "./state/snapshot-file.ts";
export * from "./state/state-reader.ts";
export { changelogBackend, type ChangelogOptions } from "./state/changelog/changelog-backend.ts";
export { memoryBackend } from "./state/memory/memory-backend.ts";
export { LSM_DEFAULTS } from "./state/lsm/lsm-tree.ts";
export type { LsmOptions } from "./state/lsm/lsm-tree.ts";
export { diskBackend } from "./state/disk/disk-backend.ts";
export type { DiskBackendOptions } from "./state/disk/disk-backend.ts";
export { remoteBackend } from "./state/remote/remote-backend.ts";
export type { RemoteBackendOptions } from "./state/remote/remote-backend.ts";
export { openTree } from "./state/lsm/durable-tree.ts";
export type { DurableTree, LsmError } from "./state/lsm/durable-tree.ts";
export type * from "./time/timer-service.ts";
export * from "./time/watermark-strategy.ts";
export type * from "./operators/functions.ts";
export type * from "./operators/operator.ts";
export * from "./operators/output-tag.ts";
export type * from "./operators/async/async-spec.ts";
export type * from "./operators/bundle/bundle-spec.ts";
export * from "./operators/join/join-spec.ts";
export { pattern } from "./operators/pattern/pattern.ts";
export type { PatternBuilder } from "./operators/pattern/pattern.ts";
export type * from "./operators/pattern/pattern-spec.ts";
export type * from "./operators/ranking/ranking-spec.ts";
export * from "./operators/window/assigners.ts";
export * from "./operators/window/evictors.ts";
export * from "./operators/window/triggers.ts";
export type * from "./operators/window/window-spec.ts";
export * from "./graph/logical-graph.ts";
export type * from "./graph/physical-plan.ts";
export { UserFunctionError } from "./operators/user-function-error.ts";
export * from "./graph/endpoints.ts";
export * from "./graph/field-reducers.ts";
export { JobError } from "./graph/options.ts";
export { isSink, ledgerSinks, tableSinks } from "./graph/sinks.ts";
export { job } from "./graph/job.ts";
export type * from "./graph/job.ts";
export { restartDelayMsMax, restartStrategy } from "./graph/restart-options.ts";
export type * from "./graph/restart-options.ts";
export type * from "./graph/stream.ts";
export type * from "./graph/logic.ts";
export * from "./graph/build-plan.ts";
export { createOperator } from "./graph/create-operator.ts";
export {
  decodeCheckpoint,
  metadataErrorText,
  metadataPath,
  type CompletedCheckpoint,
} from "./checkpoint/checkpoint-metadata.ts";
export {
  canonicalCheckpoint,
  describeCheckpoint,
  loadCheckpoint,
  type LoadedCheckpoint,
  type OperatorContent,
  type ReadFile,
} from "./checkpoint/checkpoint-files.ts";
export { CandidateJobManager } from "./runtime/candidate.ts";
export { JobManager } from "./runtime/job-manager.ts";
export { TaskManager } from "./runtime/task-manager.ts";
export { INCARNATION_PATH, nextIncarnation } from "./runtime/incarnation.ts";
export { LocalCopies } from "./runtime/local-copies.ts";
export {
  decodeMessage,
  encodeMessage,
  type Message,
  type MessageKind,
} from "./runtime/messages.ts";
export type { RuntimeOptions } from "./runtime/options.ts";
