/** Keyed state as it is stored: in the form that all backends read, or as the files of one of them. */
import type { KeyGroup } from "../core/ids.ts";
import type { StoredFile } from "../core/stored-file.ts";

/** Key groups `first` to `last`, both included. */
export type KeyGroupRange = Readonly<{ first: number; last: number }>;

/** The canonical bytes of one key group of one operator: every state, every entry, in order. */
export type KeyGroupSnapshot = Readonly<{ keyGroup: KeyGroup; bytes: Uint8Array }>;

/** Keyed state as files of its backend, which checkpoints share (C64). */
export type NativeKeyedSnapshot = Readonly<{
  /** Which backends can read it; any other gets it by way of the canonical form (state-manager.ts). */
  format: string;
  /** What the writer owned; an entry outside of the reader's range is none of its own (C58). */
  range: KeyGroupRange;
  /** How the files are to be put together: the format's own bytes. They name files by position. */
  manifest: Uint8Array;
  files: readonly StoredFile[];
  /** Their bytes by path, once they have been fetched for a restore. Never stored. */
  contents?: ReadonlyMap<string, Uint8Array>;
}>;
