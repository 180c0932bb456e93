import { expect, test, describe } from "vitest";
import { openWindows, textSpec, isEmpty } from "./testing.ts";
import { sessionWindows } from "./assigners.ts";
describe("smoke", () => {
  test("a", () => {
    const { transcript, snapshot } = openWindows(textSpec());
    transcript([
      ["a1@3", ""],
      ["a2@4", ""],
      ["~8", "~8"],
      ["~9", "a[0,10) a1 a2@9, ~9"],
    ]);
    expect(isEmpty(snapshot())).toBe(true);
  });
  test("b", () => {
    const { transcript, snapshot } = openWindows(
      textSpec({ assigner: sessionWindows({ gapMs: 10 }), allowedLatenessMs: 5 }),
    );
    transcript([
      ["a1@0", ""],
      ["a2@12", ""],
      ["a3@7", ""],
      ["~21", "a[0,22) a1 a2 a3@21, ~21"],
    ]);
    expect(isEmpty(snapshot())).toBe(false);
    transcript([["~26", "~26"]]);
    expect(isEmpty(snapshot())).toBe(true);
  });
});
