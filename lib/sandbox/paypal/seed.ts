import { createHash } from "node:crypto";
import { z } from "zod";
import { checkAmount, feeOf, unitsOf } from "./amounts.ts";
import { negative, noteRefunds } from "./captures.ts";
import { payerNamed } from "./pages.ts";
import { fundings } from "./world.ts";
import type { KeptCapture, KeptOrder, PayPalWorld } from "./world.ts";

const moment = z.iso.datetime({ offset: true });
const transactionId = z.string().regex(/^[A-Z0-9]{17}$/);
const value = z.string().regex(/^[0-9]+(\.[0-9]+)?$/);

/**
 * What `POST /__sandbox/seed` of the PayPal stand-in takes. Amounts are decimal texts, moments
 * ISO 8601. Seeding the same again changes nothing; no events are sent. An order's id that is left
 * out is derived from the capture's.
 */
export const paypalSeedSchema = z.strictObject({
  payments: z
    .array(
      z.strictObject({
        capture: transactionId,
        order: transactionId.optional(),
        amount: value,
        currency: z.string().length(3),
        status: z.enum(["COMPLETED", "PENDING", "DECLINED"]).default("COMPLETED"),
        customId: z.string().nullable().default(null),
        invoiceId: z.string().nullable().default(null),
        description: z.string().optional(),
        payer: z.email().default("payer@example.com"),
        createdAt: moment,
        refunds: z
          .array(
            z.strictObject({
              id: transactionId,
              amount: value,
              status: z.enum(["COMPLETED", "PENDING", "FAILED"]).default("COMPLETED"),
              customId: z.string().nullable().default(null),
              createdAt: moment.optional(),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
  /** Saved wallets. */
  tokens: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[0-9a-zA-Z_-]{1,36}$/),
        customer: z.string().min(1).max(22),
        payer: z.email().default("payer@example.com"),
        funding: z.enum(fundings).default("balance"),
        createdAt: moment.optional(),
      }),
    )
    .default([]),
});

export type PayPalSeedInput = z.input<typeof paypalSeedSchema>;
type Seed = z.output<typeof paypalSeedSchema>;
type SeedPayment = Seed["payments"][number];

/** Writes the seed; returns how many objects of each kind it named. */
export function seedPayPal(world: PayPalWorld, seed: Seed): Record<string, number> {
  for (const payment of seed.payments) seedPayment(world, payment);
  for (const { id, customer, payer, funding, createdAt } of seed.tokens) {
    world.save("token", {
      id,
      customer,
      order: null,
      payer: payerNamed(payer),
      vault: {
        store_in_vault: "ON_SUCCESS",
        usage_type: "MERCHANT",
        usage_pattern: "RECURRING_PREPAID",
        customer_type: "CONSUMER",
        permit_multiple_payment_tokens: false,
      },
      funding,
      createdAt: createdAt ? Date.parse(createdAt) : world.now(),
    });
  }
  return { payments: seed.payments.length, tokens: seed.tokens.length };
}

function seedPayment(world: PayPalWorld, given: SeedPayment): void {
  const at = Date.parse(given.createdAt);
  const amount = checkAmount({ currency_code: given.currency, value: given.amount }, "/amount");
  const order = world.save("order", orderOf(given, at));
  const capture = world.save("capture", {
    id: given.capture,
    order: order.id,
    status: given.status,
    reason: given.status === "PENDING" ? "PENDING_REVIEW" : null,
    amount,
    customId: given.customId,
    invoiceId: given.invoiceId,
    funding: "balance",
    createdAt: at,
    updatedAt: at,
  });
  const line = {
    customId: given.customId,
    invoiceId: given.invoiceId,
    payer: order.payer?.accountId ?? null,
    writtenAt: at,
  };
  world.save("transaction", {
    ...line,
    id: capture.id,
    transactionId: capture.id,
    reference: null,
    code: "T0006",
    status: given.status === "COMPLETED" ? "S" : given.status === "PENDING" ? "P" : "D",
    amount,
    fee: negative(feeOf(amount)),
    createdAt: at,
    updatedAt: at,
  });
  for (const refund of given.refunds) seedRefund(world, capture, refund, at);
  if (given.refunds.length > 0) noteRefunds(world, capture);
}

function orderOf(given: SeedPayment, at: number): KeptOrder {
  const derived = createHash("sha256").update(given.capture).digest("hex").toUpperCase();
  return {
    id: given.order ?? derived.slice(0, 17),
    status: "COMPLETED",
    unit: {
      reference_id: "default",
      amount: { currency_code: given.currency, value: given.amount },
      ...(given.description ? { description: given.description } : {}),
      ...(given.customId ? { custom_id: given.customId } : {}),
      ...(given.invoiceId ? { invoice_id: given.invoiceId } : {}),
    },
    hasSource: true,
    experience: null,
    vault: null,
    customer: null,
    vaultId: null,
    funding: "balance",
    payer: payerNamed(given.payer),
    approvedAt: at,
    attempts: 1,
    capture: given.capture,
    token: null,
    createdAt: at,
    updatedAt: at,
  };
}

function seedRefund(
  world: PayPalWorld,
  capture: KeptCapture,
  given: SeedPayment["refunds"][number],
  paidAt: number,
): void {
  const at = given.createdAt ? Date.parse(given.createdAt) : paidAt;
  const currency = capture.amount.currency_code;
  const amount = checkAmount({ currency_code: currency, value: given.amount }, "/amount");
  if (unitsOf(amount) > unitsOf(capture.amount)) {
    throw new Error(`${capture.id}: refund above the capture`);
  }
  world.save("refund", {
    id: given.id,
    capture: capture.id,
    status: given.status,
    reason: null,
    amount,
    totalRefunded: amount,
    customId: given.customId,
    invoiceId: given.customId,
    note: null,
    createdAt: at,
    updatedAt: at,
  });
  world.save("transaction", {
    id: given.id,
    transactionId: given.id,
    reference: capture.id,
    code: "T1107",
    status: given.status === "COMPLETED" ? "S" : given.status === "PENDING" ? "P" : "D",
    amount: negative(amount),
    fee: null,
    customId: given.customId,
    invoiceId: given.customId,
    payer: null,
    createdAt: at,
    updatedAt: at,
    writtenAt: at,
  });
}
