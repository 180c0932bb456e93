/** Tables that change, joined and ranked: what goes out is taken back again, and must add up. */
import { changelogOutput, changelogView, standardProperties } from "../properties/index.ts";
import { drawCustomers } from "./data/customers.ts";
import { CHANGELOGS, customerTable as customerTableJob } from "./jobs/customer-table.ts";
import { ANY_SETTINGS, crash, scenario } from "./scenario.ts";

export const customerTable = scenario({
  name: "customer-table",
  why: `A full join of two tables puts out rows without a partner, and takes them back when one
    comes. It goes by counts that it keeps in state: one that is off after a restore leaves a row
    that should be gone, or takes one back that was never there.`,
  job: customerTableJob(),
  input: drawCustomers,
  options: {
    log: {
      latency: { minUs: 500, maxUs: 30_000, tailPerMille: 120, tailUs: 900_000 },
      timeoutPerMille: 10,
      readRecordsMax: 10,
    },
  },
  faults: [crash({ process: "tm-0", when: "checkpoint-completed", nth: 5, restartAfterMs: 700 })],
  properties: [
    changelogOutput(CHANGELOGS),
    ...standardProperties({ view: changelogView(CHANGELOGS) }),
  ],
  swarm: { free: ANY_SETTINGS },
});
