import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { takeAttempt } from "#lib/access/limits.ts";
import { placeTopUp } from "#lib/services/balance/place-top-up.ts";
import { givePlans, giveRenewer, openWorld, type World } from "#tests/support/world.ts";

let world: World;

beforeAll(async () => {
  world = await openWorld();
  await givePlans(world, [{ code: "add-10" }]);
});
afterAll(async () => await world.close());

test("whoever begins payments without end is stopped, and what was begun still goes on", async () => {
  const [{ customer }, other] = [await giveRenewer(world), await giveRenewer(world)];
  const topUp = (attemptId: string) => ({ attemptId, amount: "20.00", method: "stripe" as const });
  const first = topUp(randomUUID());
  const begun = await placeTopUp(customer, first);
  expect(begun.ok).toBe(true);
  for (let n = 1; n < 30; n += 1) await takeAttempt("placeOrder", customer.accountId);
  expect(await placeTopUp(customer, topUp(randomUUID()))).toMatchObject({
    ok: false,
    refusal: { code: "too_many_attempts" },
  });
  expect(await placeTopUp(customer, first)).toEqual(begun);
  expect((await placeTopUp(other.customer, topUp(randomUUID()))).ok).toBe(true);
});
