import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SYSTEM } from "#lib/access/actor.ts";
import { db } from "#lib/db/client.ts";
import type { Result } from "#lib/domain/refusal.ts";
import { placeTopUp } from "#lib/services/balance/place-top-up.ts";
import { settlePayment } from "#lib/services/payment/settle-payment.ts";
import { forgetMethod } from "#lib/services/saved-method/forget-method.ts";
import { listSavedMethods } from "#lib/services/saved-method/list-saved-methods.ts";
import { removeSavedMethod } from "#lib/services/saved-method/remove-saved-method.ts";
import { findDueWork } from "#lib/services/sweep/find-due-work.ts";
import {
  givePlans,
  giveRenewer,
  giveStaff,
  openWorld,
  visitorFrom,
  type Renewer,
  type World,
} from "#tests/support/world.ts";

let world: World;

beforeAll(async () => {
  world = await openWorld();
  await givePlans(world, [{ code: "add-10" }]);
});
afterAll(async () => await world.close());

describe("a card", () => {
  test("that is to be kept is there once, however often its payment is heard of", async () => {
    const renewer = await giveRenewer(world);
    const paymentId = await payByCard(renewer, true);
    await Promise.all(Array.from({ length: 5 }, () => settlePayment(SYSTEM, { paymentId })));
    const methods = await listOf(renewer);
    expect(methods).toMatchObject([
      { method: "stripe", methodType: "card", label: "Visa •••• 4242", isLapsed: false },
    ]);
    expect(methods[0]?.goodUntil).toMatch(/^\d{4}-12$/);
  });

  test("that is not to be kept is not there", async () => {
    const renewer = await giveRenewer(world);
    await payByCard(renewer, false);
    expect(await listOf(renewer)).toEqual([]);
  });

  test("is seen and removed by nobody but its owner", async () => {
    const [renewer, stranger] = [await giveRenewer(world), await giveRenewer(world)];
    const savedMethodId = await keepCard(renewer);
    expect(await listOf(stranger)).toEqual([]);
    const staff = await giveStaff();
    for (const [actor, code] of [
      [stranger.customer, "not_found"],
      [staff, "not_allowed"],
      [visitorFrom("203.0.113.7"), "not_signed_in"],
    ] as const) {
      expect(await removeSavedMethod(actor, { savedMethodId })).toEqual({
        ok: false,
        refusal: { code },
      });
    }
    expect(await removeSavedMethod(renewer.customer, { savedMethodId: randomUUID() })).toEqual({
      ok: false,
      refusal: { code: "not_found" },
    });
    expect(await listOf(renewer)).toHaveLength(1);
  });
});

describe("a card that its owner removes", () => {
  test("is gone at once, and from the provider when the worker has been there", async () => {
    const renewer = await giveRenewer(world);
    const savedMethodId = await keepCard(renewer);
    await Promise.all(
      Array.from({ length: 4 }, async () =>
        accepted(await removeSavedMethod(renewer.customer, { savedMethodId })),
      ),
    );
    expect(await listOf(renewer)).toEqual([]);
    expect(await isDue(savedMethodId)).toBe(true);
    await Promise.all(Array.from({ length: 4 }, () => forgetMethod({ savedMethodId })));
    const row = await db().savedMethod.findUniqueOrThrow({ where: { id: savedMethodId } });
    expect(row.forgottenAt).not.toBeNull();
    expect(row.attempts).toBe(1);
    expect(await isDue(savedMethodId)).toBe(false);
    const told = await db().auditEvent.findMany({
      where: { subject: `saved method ${savedMethodId}` },
    });
    expect(told.map(({ action }) => action)).toEqual(["saved_method.removed"]);
  });

  test("is asked for again later while the provider is away, until it is forgotten", async () => {
    const renewer = await giveRenewer(world);
    const savedMethodId = await keepCard(renewer);
    accepted(await removeSavedMethod(renewer.customer, { savedMethodId }));
    await world.standIns.stripe.setFault({
      kind: "status",
      status: 503,
      match: { path: "/v1/payment_methods" },
      times: null,
    });
    await forgetMethod({ savedMethodId });
    const tried = await db().savedMethod.findUniqueOrThrow({ where: { id: savedMethodId } });
    expect(tried.forgottenAt).toBeNull();
    expect(tried.nextAttemptAt?.getTime()).toBeGreaterThan(Date.now());
    // Not due yet: nothing is asked.
    await forgetMethod({ savedMethodId });
    expect(await isDue(savedMethodId)).toBe(false);

    await world.standIns.stripe.clearFaults();
    await db().savedMethod.update({
      where: { id: savedMethodId },
      data: { nextAttemptAt: new Date(0) },
    });
    expect(await isDue(savedMethodId)).toBe(true);
    await forgetMethod({ savedMethodId });
    const row = await db().savedMethod.findUniqueOrThrow({ where: { id: savedMethodId } });
    expect(row.forgottenAt).not.toBeNull();
    expect(row.nextAttemptAt).toBeNull();
  });

  test("does not come back by a payment that is heard of late", async () => {
    const renewer = await giveRenewer(world);
    const savedMethodId = await keepCard(renewer);
    accepted(await removeSavedMethod(renewer.customer, { savedMethodId }));
    const { providerReference } = await db().savedMethod.findUniqueOrThrow({
      where: { id: savedMethodId },
    });
    const paymentId = await begin(renewer, true);
    const payment = await db().payment.findUniqueOrThrow({ where: { id: paymentId } });
    await world.standIns.stripe.pay(payment.providerReference ?? "", { saved: providerReference });
    await settlePayment(SYSTEM, { paymentId });
    expect(await listOf(renewer)).toEqual([]);
  });
});

test("what ran out says so", async () => {
  const renewer = await giveRenewer(world);
  const id = await keepCard(renewer);
  await db().savedMethod.update({ where: { id }, data: { goodUntil: "2020-01" } });
  expect(await listOf(renewer)).toMatchObject([{ isLapsed: true }]);
});

async function keepCard(renewer: Renewer): Promise<string> {
  await payByCard(renewer, true);
  return (await listOf(renewer))[0]?.id ?? "";
}

/** Tops up by card, and returns the settled payment's id. */
async function payByCard(renewer: Renewer, saveMethod: boolean): Promise<string> {
  const id = await begin(renewer, saveMethod);
  const payment = await db().payment.findUniqueOrThrow({ where: { id } });
  await world.standIns.stripe.pay(payment.providerReference ?? "");
  await settlePayment(SYSTEM, { paymentId: id });
  return id;
}

async function begin({ customer }: Renewer, saveMethod: boolean): Promise<string> {
  const { orderNumber } = accepted(
    await placeTopUp(customer, {
      attemptId: randomUUID(),
      amount: "50",
      method: "stripe",
      methodType: "card",
      saveMethod,
    }),
  );
  const payment = await db().payment.findFirstOrThrow({
    where: { order: { number: orderNumber } },
  });
  return payment.id;
}

async function listOf({ customer }: Renewer) {
  return accepted(await listSavedMethods(customer));
}

async function isDue(savedMethodId: string): Promise<boolean> {
  return (await findDueWork()).some(({ key }) => key === savedMethodId);
}

function accepted<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.value;
}
