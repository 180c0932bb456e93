import { expect, test } from "vitest";
import { rackOf } from "./racks.ts";

const ALL = ["jm", "jm-1", "tm-0", "tm-1", "tm-2", "client"];

test("machines are dealt to racks by their number; the owner of the job stands in none", () => {
  expect(rackOf("tm-2", ALL, 2)).toEqual(["jm", "tm-0", "tm-2"]);
  expect(rackOf("jm-1", ALL, 2)).toEqual(["jm-1", "tm-1"]);
  expect(rackOf("tm-1", ALL, 1)).toEqual(ALL.slice(0, 5));
});
