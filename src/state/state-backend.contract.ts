/**
 * What every state backend must do, as a test suite that each of them runs.
 *
 * A backend's own test is one call, with a reason for each case that it cannot meet. The invariants
 * SB1 to SB4 stand in state-backend.ts.
 *
 * Not here: the cases themselves, one family a file, in `contract/`.
 */
import { describe, expect, test } from "vitest";
import { evolutionCases, refusalCases } from "./contract/evolution-cases.ts";
import type { Case, Factory } from "./contract/fixture.ts";
import { foldingCases } from "./contract/folding-cases.ts";
import { declarationCases, handleCases, keyCases } from "./contract/handle-cases.ts";
import { lazyCases } from "./contract/lazy-cases.ts";
import { modelCases } from "./contract/model-cases.ts";
import { rangeCases, rescaleCases } from "./contract/rescale-cases.ts";
import { damageCases, incompatibleCases, restoreCases } from "./contract/restore-cases.ts";
import { isolationCases, pendingCases } from "./contract/snapshot-cases.ts";
import {
  cleanUpCases,
  expiryCases,
  touchCases,
  ttlDeclarationCases,
} from "./contract/ttl-cases.ts";
import { ttlModelCases } from "./contract/ttl-model-cases.ts";

const FAMILIES = [
  handleCases,
  keyCases,
  declarationCases,
  isolationCases,
  pendingCases,
  restoreCases,
  incompatibleCases,
  damageCases,
  rescaleCases,
  rangeCases,
  foldingCases,
  lazyCases,
  evolutionCases,
  refusalCases,
  expiryCases,
  touchCases,
  cleanUpCases,
  ttlDeclarationCases,
  modelCases,
  ttlModelCases,
] as const;

/** @param skips title of a case -> why this backend cannot meet it */
export function stateBackendContract(
  name: string,
  factory: Factory,
  skips: Readonly<Record<string, string>> = {},
): void {
  const titles = new Set<string>();
  const check: Case = (title, body) => {
    titles.add(title);
    const reason = skips[title];
    if (reason === undefined) test(title, body);
    else test.skip(`${title} (${reason})`, body);
  };
  describe(`state backend "${name}"`, () => {
    for (const cases of FAMILIES) cases(check, factory);
    test("every skip names a case of the contract", () => {
      expect(Object.keys(skips).filter((title) => !titles.has(title))).toEqual([]);
    });
  });
}
