import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { db } from "#lib/db/client.ts";
import type { Result } from "#lib/domain/refusal.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import { resumePayment } from "#lib/services/order/resume-payment.ts";
import {
  givePlans,
  giveRenewer,
  openWorld,
  type Renewer,
  type World,
} from "#tests/support/world.ts";

let world: World;

beforeAll(async () => {
  world = await openWorld();
  await givePlans(world, [{ code: "add-10" }]);
});
afterAll(async () => await world.close());

describe("going on with a payment", () => {
  test("of an order that the balance pays a part of leads to the page for the rest", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 2_000n });
    const { number } = await order(renewer);
    const rest = await restOf(number);
    // Ids and times say nothing of which part it is.
    await world.sql(
      "UPDATE payment SET created_at = created_at - interval '1 minute' WHERE id = $1",
      [rest.id],
    );
    expect(accepted(await resumePayment(renewer.customer, { number }))).toEqual({
      redirectUrl: rest.redirectUrl,
    });
    expect(rest.redirectUrl).toContain(world.standIns.addresses.stripe);
  });

  test("leads to the same page, and begins no second payment", async () => {
    const renewer = await giveRenewer(world);
    const { number, redirectUrl } = await order(renewer);
    expect(accepted(await resumePayment(renewer.customer, { number }))).toEqual({ redirectUrl });
    expect(await db().payment.count({ where: { order: { number } } })).toBe(1);
  });

  test("is refused for somebody else's order as if there were none", async () => {
    const { number } = await order(await giveRenewer(world));
    const { customer } = await giveRenewer(world);
    const refused = { ok: false, refusal: { code: "not_found" } };
    expect(await resumePayment(customer, { number })).toEqual(refused);
    expect(await resumePayment(customer, { number: "nonsense" })).toEqual(refused);
  });
});

async function order(
  { customer, iccid }: Renewer,
  how: { readonly planCode?: string; readonly methodType?: string } = {},
): Promise<{ readonly number: string; readonly redirectUrl: string | null }> {
  const { planCode = "add-10", methodType } = how;
  const quote = accepted(await quoteOrder(customer, { iccid, planCode }));
  const placed = accepted(
    await placeOrder(customer, {
      attemptId: quote.attemptId,
      quote: quote.token,
      iccid,
      planCode,
      startChoice: quote.startChoice,
      method: "stripe",
      ...(methodType === undefined ? {} : { methodType }),
      useBalance: quote.restAfterBalance !== null,
      acceptLoss: false,
      repeat: false,
    }),
  );
  return { number: placed.orderNumber, redirectUrl: placed.redirectUrl };
}

async function restOf(number: string) {
  return await db().payment.findFirstOrThrow({ where: { order: { number }, adapter: "stripe" } });
}

function accepted<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`Refused: ${result.refusal.code}`);
  return result.value;
}
