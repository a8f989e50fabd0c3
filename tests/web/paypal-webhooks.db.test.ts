import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { POST as receive } from "#app/api/webhooks/paypal/route.ts";
import { db } from "#lib/db/client.ts";
import { handleProviderEvent } from "#lib/services/provider-event/handle-provider-event.ts";
import { paypalProvider } from "#tests/support/paypal-provider.ts";
import { sandboxSecrets } from "#tests/support/stand-ins.ts";
import { startWebhookReceiver, type WebhookReceiver } from "#tests/support/webhook-receiver.ts";
import { openWorld, type World } from "#tests/support/world.ts";

let world: World;
let wire: WebhookReceiver;

beforeAll(async () => {
  world = await openWorld();
  wire = await startWebhookReceiver();
  Object.assign(process.env, {
    PAYPAL_CLIENT_ID: sandboxSecrets.paypalClientId,
    PAYPAL_CLIENT_SECRET: sandboxSecrets.paypalClientSecret,
    PAYPAL_WEBHOOK_ID: sandboxSecrets.paypalWebhookId,
    PAYPAL_API_BASE: world.standIns.addresses.paypal,
  });
  await world.standIns.paypal.setAppUrl(wire.url);
});
afterAll(async () => {
  await wire.close();
  await world.close();
});
beforeEach(async () => await world.standIns.paypal.clearFaults());

/** A message that PayPal really signed, as a request to our endpoint; made anew on each call. */
async function signed(): Promise<(change?: { body?: string; without?: string }) => Request> {
  const outcome = await paypalProvider(world.standIns)
    .adapter()
    .start({
      paymentId: crypto.randomUUID(),
      orderNumber: crypto.randomUUID(),
      amount: { amountMinor: 829n, currency: "EUR" },
      description: "Europe 5 GB",
      customerEmail: "emma@axis.example",
      methodType: null,
      customerReference: null,
      saveMethod: false,
      locale: "en",
      successUrl: "https://axis.example/",
      cancelUrl: "https://axis.example/",
      expiresAt: new Date(Date.now() + 3_600_000),
    });
  if (outcome.kind !== "redirect") throw new Error(outcome.reason);
  await world.standIns.paypal.approve(outcome.providerReference);
  const message = await wire.waitFor(({ rawBody }) => rawBody.includes(outcome.providerReference));
  return ({ body, without } = {}) => {
    const headers = new Headers(message.headers);
    // The Request says itself how long its body is.
    for (const name of ["content-length", "transfer-encoding", "connection", "host"]) {
      headers.delete(name);
    }
    if (without !== undefined) headers.delete(without);
    const url = "http://localhost/api/webhooks/paypal";
    return new Request(url, { method: "POST", headers, body: body ?? message.rawBody });
  };
}

const stored = () => db().providerEvent.findMany({ where: { adapter: "paypal" } });

describe("a message from PayPal", () => {
  test("twenty times at once is stored once, with nothing but ids, and is handled", async () => {
    const before = (await stored()).length;
    const request = await signed();
    const answers = await Promise.all(Array.from({ length: 20 }, () => receive(request())));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const events = await stored();
    expect(events).toHaveLength(before + 1);
    const event = events.at(-1);
    expect(event?.type).toBe("CHECKOUT.ORDER.APPROVED");
    expect(Object.keys(event?.payload as object).toSorted()).toEqual([
      "paymentId",
      "providerPaymentId",
      "providerReference",
    ]);
    await handleProviderEvent({ providerEventId: event?.id ?? "" });
    const handled = await db().providerEvent.findUniqueOrThrow({ where: { id: event?.id ?? "" } });
    expect(handled.result).toBe("about nothing of ours");
  });

  test("that PayPal did not sign like this is refused and changes nothing", async () => {
    const before = (await stored()).length;
    const request = await signed();
    const genuine = await request().text();
    for (const forged of [
      request({ body: genuine.replace('"8.29"', '"0.29"') }),
      request({ body: JSON.stringify(JSON.parse(genuine), null, 1) }),
      request({ body: "{" }),
      request({ without: "paypal-transmission-sig" }),
      request({ without: "paypal-transmission-time" }),
    ]) {
      expect((await receive(forged)).status).toBe(400);
    }
    expect(await stored()).toHaveLength(before);
  });

  test("that cannot be verified now is to be sent again, and is stored then", async () => {
    const before = (await stored()).length;
    const request = await signed();
    await world.standIns.paypal.setFault({
      kind: "status",
      status: 503,
      match: { path: "/v1/notifications" },
    });
    expect((await receive(request())).status).toBe(503);
    expect(await stored()).toHaveLength(before);
    expect((await receive(request())).status).toBe(200);
    expect(await stored()).toHaveLength(before + 1);
  });
});
