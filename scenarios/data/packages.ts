/**
 * Where the data of installed packages lies on this machine. Stories take their data from npm, not
 * from the net: the same bytes for everybody, pinned by the lock file.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/**
 * The path of `file`, counted from the folder of `entry`, a module or file of an installed package.
 */
export function packageFile(entry: string, file: string): string {
  return join(dirname(require.resolve(entry)), file);
}

/** Reads at first use, then keeps: many seeds of one process share what never changes. */
export function once<T>(read: () => T): () => T {
  let kept: { value: T } | undefined;
  return () => (kept ??= { value: read() }).value;
}
