/**
 * Keyed state in the object store, of which the local disk holds what was asked for lately, and what no
 * completed checkpoint has yet.
 *
 * A snapshot is the runs of the tree, as on disks: each backend reads what the other has stored. Where
 * checkpoints are not incremental none is built on another, and so nothing ever leaves the disk.
 *
 * A restore fetches all files once; those that find no room go with the first checkpoint after it.
 *
 * Not here: which files go and come (`cached-files.ts`), state in a tree (`../disk/lsm-states.ts`), who
 * waits for state that is away (`../../operators/holding-operator.ts`).
 */
import { present } from "../../core/assert.ts";
import type { KeyGroup } from "../../core/ids.ts";
import { checkBytes, keepingFiles, treeOptions } from "../disk/disk-backend.ts";
import type { DiskBackendOptions } from "../disk/disk-backend.ts";
import { LsmStates } from "../disk/lsm-states.ts";
import { LSM_FORMAT } from "../disk/native-form.ts";
import type { LsmOptions } from "../lsm/lsm-tree.ts";
import type { KeyedBackendConfig, StateBackend } from "../state-backend.ts";
import { CachedFiles } from "./cached-files.ts";

export type RemoteBackendOptions = DiskBackendOptions &
  Readonly<{
    /** Files that are kept on the local disk though the store has them: bytes of one operator's subtask. */
    localBytes?: number;
  }>;

const LOCAL_BYTES = 256 << 20;

/**
 * State may be larger than the local disk. A record whose state is not there waits until it has come, and
 * those behind it wait as well.
 *
 * @throws RangeError for sizes that make no sense
 */
export function remoteBackend(options: RemoteBackendOptions = {}): StateBackend {
  const { localBytes: bytesMax = LOCAL_BYTES, ...ofTree } = options;
  const tree = treeOptions("remoteBackend", ofTree);
  checkBytes("remoteBackend", "localBytes", bytesMax);
  return {
    name: "remote",
    readsFormats: [LSM_FORMAT],
    mayBeAway: true,
    create(config) {
      const storage = present(config.storage, () => "the remote backend has no store to work on");
      const files = new CachedFiles({ disk: keepingFiles(storage), storage, bytesMax });
      return new RemoteStates(config, tree, files);
    },
  };
}

class RemoteStates<K> extends LsmStates<K> {
  readonly #cached: CachedFiles;

  constructor(config: KeyedBackendConfig<K>, tree: LsmOptions, files: CachedFiles) {
    super(config, { tree, files });
    this.#cached = files;
  }

  ready(key: K, keyGroup: KeyGroup): boolean {
    return this.#cached.forKey(this.filesFor(key, keyGroup));
  }
}
