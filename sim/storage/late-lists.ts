/**
 * A list that does not know yet what came or went lately: each path for itself shows as it is, or as it was
 * before. Kept only while lists are late, so a path that changed before that shows as it is.
 */
import { compareText } from "../../src/index.ts";
import type { Random } from "../../src/index.ts";

type Change = Readonly<{ path: string; atUs: number; wasThere: boolean }>;

export class LateLists {
  readonly #random: Random;
  readonly #lateUs: number;
  readonly #nowUs: () => number;
  /** In order of time. */
  #changes: Change[] = [];

  constructor(random: Random, lateUs: number, nowUs: () => number) {
    this.#random = random;
    this.#lateUs = lateUs;
    this.#nowUs = nowUs;
  }

  /** It comes or goes now. */
  changes(path: string, wasThere: boolean): void {
    this.#changes.push({ path, atUs: this.#nowUs(), wasThere });
  }

  show(prefix: string, there: ReadonlyMap<string, unknown>): readonly string[] {
    const sinceUs = this.#nowUs() - this.#lateUs;
    this.#changes = this.#changes.filter(({ atUs }) => atUs >= sinceUs);
    const before = new Map<string, boolean>();
    for (const { path, wasThere } of this.#changes) {
      if (path.startsWith(prefix) && !before.has(path)) before.set(path, wasThere);
    }
    const shown = new Set([...there.keys()].filter((path) => path.startsWith(prefix)));
    for (const [path, wasThere] of before) {
      if (!this.#random.chance(500)) continue;
      if (wasThere) shown.add(path);
      else shown.delete(path);
    }
    return [...shown].sort(compareText);
  }
}
