import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import Stripe from "stripe";
import { expect, test } from "vitest";
import { sandboxSecrets, startStandIns } from "#tests/support/stand-ins.ts";
import type { StandInAddresses } from "#tests/support/stand-ins.ts";

const order = {
  mode: "payment",
  success_url: "http://shop.example/done",
  line_items: [
    {
      quantity: 1,
      price_data: { currency: "usd", unit_amount: 900, product_data: { name: "Renewal" } },
    },
  ],
} satisfies Stripe.Checkout.SessionCreateParams;

function clientFor({ stripe }: StandInAddresses): Stripe {
  const { hostname, port } = new URL(stripe);
  return new Stripe(sandboxSecrets.stripeSecretKey, {
    host: hostname,
    port,
    protocol: "http",
    maxNetworkRetries: 0,
  });
}

test("a stand-in that is killed keeps all it acknowledged, its faults and its addresses", async () => {
  const before = await startStandIns();
  const session = await clientFor(before.addresses).checkout.sessions.create(order, {
    idempotencyKey: "once",
  });
  await before.stripe.pay(session.id);
  await before.stripe.setFault({ kind: "status", status: 503, match: { path: "/v1/refunds" } });
  await before.esimAccess.seed({ credit: 77 });
  await createTransport(before.addresses.smtp).sendMail({
    from: "no-reply@axis.example",
    to: "lin@axis.example",
    subject: "Kept",
    text: "Kept",
  });
  const waiting = (await before.stripe.state()).webhooks.waiting;
  expect(waiting).toBeGreaterThan(0);
  await before.kill();

  const after = await before.restart();
  expect(after.addresses).toEqual(before.addresses);
  const stripe = clientFor(after.addresses);
  expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
    status: "complete",
    payment_status: "paid",
  });
  const again = await stripe.checkout.sessions.create(order, { idempotencyKey: "once" });
  expect(again.id).toBe(session.id);
  expect((await after.stripe.state()).webhooks.waiting).toBe(waiting);
  expect(await after.stripe.faults()).toHaveLength(1);
  expect((await after.stripe.log()).map(({ path, acted }) => [path, acted])).toEqual([
    ["/v1/checkout/sessions", true],
    [`/v1/checkout/sessions/${session.id}`, false],
    ["/v1/checkout/sessions", false],
  ]);
  expect((await after.esimAccess.state()).balance).toBe(77);
  expect(await after.mailbox.mail("lin@axis.example")).toHaveLength(1);
  await after.stop();
});

test("a kill in the middle of many requests loses none that was answered and doubles none", async () => {
  const before = await startStandIns();
  const stripe = clientFor(before.addresses);
  // However fast the stand-in is, these are not answered when it dies: one not done, one done.
  const match = (number: number) => ({ match: { bodyIncludes: `customer%20${number}` } });
  await before.stripe.setFault({ kind: "hold_before", ...match(150) });
  await before.stripe.setFault({ kind: "hold_after", ...match(151) });
  const answered: string[] = [];
  let killed: Promise<void> | undefined;
  await Promise.allSettled(
    Array.from({ length: 200 }, async (_, number) => {
      const { id } = await stripe.customers.create(
        { name: `customer ${number}` },
        { idempotencyKey: `customer-${number}` },
      );
      answered.push(id);
      if (answered.length === 40) killed = before.kill();
    }),
  );
  expect(answered.length).toBeGreaterThanOrEqual(40);
  expect(answered.length).toBeLessThan(200);
  await killed;

  const after = await before.restart();
  await after.stripe.clearFaults();
  const again = clientFor(after.addresses);
  for (let number = 0; number < 200; number += 1) {
    await again.customers.create(
      { name: `customer ${number}` },
      { idempotencyKey: `customer-${number}` },
    );
  }
  const { customers } = await after.stripe.state();
  const ids = customers.map(({ id }) => id);
  expect(ids).toHaveLength(200);
  expect(ids).toEqual(expect.arrayContaining(answered));
  await after.stop();
});

test("a port that was taken meanwhile is given up for a free one", async () => {
  const first = await startStandIns();
  const dataFolder = mkdtempSync(join(tmpdir(), "stand-ins-"));
  await first.kill();
  const blocker = await first.restart();
  cpSync(join(first.dataFolder, "ports.json"), join(dataFolder, "ports.json"));
  const second = await startStandIns({ dataFolder });
  expect(second.addresses.stripe).not.toBe(blocker.addresses.stripe);
  expect(second.addresses.smtp).not.toBe(blocker.addresses.smtp);
  expect((await second.stripe.state()).payments).toEqual([]);
  await second.stop();
  await blocker.stop();
});

test("the stand-ins end by themselves when their standard input ends", async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), "stand-ins-"));
  const root = join(import.meta.dirname, "../..");
  const child = spawn(
    join(root, "node_modules/.bin/node"),
    [join(root, "lib/sandbox/main.ts"), "--data", dataFolder, "--stop-with-stdin"],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  await new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
  child.stdin.end();
  expect(await ended).toBe(0);
  rmSync(dataFolder, { recursive: true });
});
