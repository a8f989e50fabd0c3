import fc from "fast-check";
import { expect, test } from "vitest";
import { Tally } from "#lib/services/reconciliation/tally.ts";

test("what is on both sides is even, in whatever order it comes", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.uuid(), { maxLength: 200 }), (ids) => {
      const tally = new Tally();
      for (const id of ids) tally.mix(id);
      for (const id of ids.toReversed()) tally.mix(id);
      expect(tally.isEven()).toBe(true);
    }),
  );
});

test("what is on one side only is always suspect, and hardly anything else is", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.uuid(), { minLength: 3, maxLength: 300 }),
      fc.integer({ min: 1, max: 5 }),
      (ids, missing) => {
        const tally = new Tally();
        for (const id of ids) tally.mix(id);
        for (const id of ids.slice(missing)) tally.mix(id);
        const suspects = ids.filter((id) => tally.isSuspect(id));
        expect(tally.isEven()).toBe(false);
        expect(suspects).toEqual(expect.arrayContaining(ids.slice(0, missing)));
        expect(suspects.length).toBeLessThanOrEqual(missing + 3);
      },
    ),
  );
});
