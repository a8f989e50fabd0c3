import { createHash } from "node:crypto";
import type Stripe from "stripe";
import { z } from "zod";
import {
  buildBalanceTransaction,
  buildCharge,
  buildCustomer,
  buildDispute,
  buildPaymentIntent,
  buildPaymentMethod,
  buildPayout,
  buildRefund,
} from "./build.ts";
import { reinstate, withdraw } from "./disputes.ts";
import { offeredTypes } from "./method-types.ts";
import { createSession } from "./sessions.ts";
import { testCard } from "./test-cards.ts";
import type { KeptPaymentMethod, StripeWorld } from "./world.ts";

const minor = z.number().int().positive();
const metadata = z.record(z.string(), z.string()).default({});
const moment = z.iso.datetime({ offset: true });

/**
 * What `POST /__sandbox/seed` of the Stripe stand-in takes. Amounts are in Stripe's units of the
 * currency (lower case), moments are ISO 8601. Seeding the same again changes nothing; no events
 * are sent. Ids that may be left out are derived from the payment intent's.
 */
export const stripeSeedSchema = z.strictObject({
  customers: z
    .array(
      z.strictObject({
        id: z.string().startsWith("cus_"),
        email: z.string(),
        name: z.string().nullable().default(null),
        metadata,
        createdAt: moment.optional(),
      }),
    )
    .default([]),
  /** Saved cards. */
  paymentMethods: z
    .array(
      z.strictObject({
        id: z.string().startsWith("pm_"),
        customer: z.string().startsWith("cus_").nullable().default(null),
        /** A test card's number; it decides how later charges go. */
        testCard: z
          .string()
          .refine((number) => testCard(number) !== null, "not a test card")
          .default("4242424242424242"),
        createdAt: moment.optional(),
      }),
    )
    .default([]),
  payments: z
    .array(
      z.strictObject({
        paymentIntent: z.string().startsWith("pi_"),
        charge: z.string().startsWith("ch_").optional(),
        /** A completed Checkout session for this payment. */
        session: z.string().startsWith("cs_").optional(),
        customer: z.string().startsWith("cus_").nullable().default(null),
        paymentMethod: z.string().startsWith("pm_").optional(),
        amount: minor,
        currency: z.string().length(3).toLowerCase(),
        status: z.enum(["succeeded", "processing", "failed"]).default("succeeded"),
        description: z.string().nullable().default(null),
        clientReferenceId: z.string().nullable().default(null),
        /** Goes to the intent, its charge and its session. */
        metadata,
        createdAt: moment,
        refunds: z
          .array(
            z.strictObject({
              id: z.string().startsWith("re_"),
              amount: minor,
              reason: z
                .enum(["duplicate", "fraudulent", "requested_by_customer"])
                .nullable()
                .default(null),
              status: z.enum(["succeeded", "pending", "failed"]).default("succeeded"),
              metadata,
              createdAt: moment.optional(),
            }),
          )
          .default([]),
        /** A type that the stand-in can act out; cards only are saved. */
        methodType: z.string().default("card"),
        /** What Stripe kept, in the currency of the payment; its usual fee unless told. */
        fee: z.number().int().nonnegative().optional(),
        dispute: z
          .strictObject({
            id: z.string().startsWith("dp_"),
            amount: minor.optional(),
            reason: z.string().default("fraudulent"),
            status: z
              .enum([
                "warning_needs_response",
                "warning_closed",
                "needs_response",
                "under_review",
                "won",
                "lost",
              ])
              .default("needs_response"),
            createdAt: moment.optional(),
          })
          .optional(),
      }),
    )
    .default([]),
  /** Money that was sent to the bank. */
  payouts: z
    .array(
      z.strictObject({
        id: z.string().startsWith("po_"),
        amount: minor,
        currency: z.string().length(3).toLowerCase(),
        arrivedAt: moment,
      }),
    )
    .default([]),
});

export type StripeSeedInput = z.input<typeof stripeSeedSchema>;
type Seed = z.output<typeof stripeSeedSchema>;
type SeedPayment = Seed["payments"][number];

const seconds = (iso: string | undefined, otherwise: number): number =>
  iso === undefined ? otherwise : Math.floor(Date.parse(iso) / 1000);

/** An id made from another one, the same every time. */
function derived(prefix: string, from: string): string {
  return prefix + createHash("sha256").update(`${prefix}${from}`).digest("hex").slice(0, 24);
}

/** Writes the seed; returns how many objects of each kind it named. */
export function seedStripe(world: StripeWorld, seed: Seed): Record<string, number> {
  for (const { createdAt, ...given } of seed.customers) {
    const created = seconds(createdAt, world.find("customer", given.id)?.created ?? world.now());
    world.save("customer", buildCustomer(world, { ...given, created }));
  }
  for (const given of seed.paymentMethods) {
    const known = world.find("paymentMethod", given.id);
    const email = given.customer ? (world.find("customer", given.customer)?.email ?? null) : null;
    const method = buildPaymentMethod(world, "card", {
      id: given.id,
      number: given.testCard,
      email,
    });
    world.save("paymentMethod", {
      ...method,
      customer: given.customer,
      created: seconds(given.createdAt, known?.created ?? world.now()),
      sandbox: { ...method.sandbox, authenticated: true, used: true },
    });
  }
  for (const payment of seed.payments) seedPayment(world, payment);
  for (const payout of seed.payouts) seedPayout(world, payout);
  return {
    customers: seed.customers.length,
    paymentMethods: seed.paymentMethods.length,
    payments: seed.payments.length,
    payouts: seed.payouts.length,
  };
}

function seedPayment(world: StripeWorld, given: SeedPayment): void {
  const created = seconds(given.createdAt, world.now());
  const method = methodOf(world, given);
  const chargeId = given.charge ?? derived("ch_", given.paymentIntent);
  const isPaid = given.status === "succeeded";
  const intent = buildPaymentIntent(world, {
    id: given.paymentIntent,
    amount: given.amount,
    currency: given.currency,
    created,
    customer: given.customer,
    description: given.description,
    metadata: given.metadata,
    latest_charge: chargeId,
    payment_method: given.status === "failed" ? null : method.id,
    payment_method_types: offeredTypes({
      currency: given.currency,
      allowed: null,
      excluded: null,
      mustBeReusable: false,
      takesTransfers: false,
    }),
    amount_received: isPaid ? given.amount : 0,
    status: given.status === "failed" ? "requires_payment_method" : given.status,
  });
  world.save("paymentIntent", intent);
  const refunded = given.refunds
    .filter((refund) => refund.status !== "failed")
    .reduce((sum, refund) => sum + refund.amount, 0);
  if (refunded > given.amount) throw new Error(`${given.paymentIntent}: refunds above the capture`);
  const charge = world.save(
    "charge",
    buildCharge(world, intent, method, {
      id: chargeId,
      created,
      amount_captured: isPaid ? given.amount : 0,
      amount_refunded: refunded,
      balance_transaction: isPaid
        ? book(world, { source: chargeId, amount: given.amount, type: "charge", created }, given)
        : null,
      captured: isPaid,
      paid: isPaid,
      disputed: given.dispute !== undefined,
      refunded: isPaid && refunded === given.amount,
      status: isPaid ? "succeeded" : given.status === "failed" ? "failed" : "pending",
    }),
  );
  for (const refund of given.refunds) seedRefund(world, charge, refund, given);
  if (given.dispute) seedDispute(world, charge, given.dispute);
  if (given.session) seedSession(world, given, created);
}

function seedPayout(world: StripeWorld, given: Seed["payouts"][number]): void {
  const created = seconds(given.arrivedAt, world.now());
  const movement = {
    source: given.id,
    amount: -given.amount,
    type: "payout" as const,
    created,
  };
  world.save(
    "payout",
    buildPayout(world, {
      id: given.id,
      amount: given.amount,
      currency: given.currency,
      created,
      arrival_date: created,
      balance_transaction: book(world, movement, given),
    }),
  );
}

function methodOf(world: StripeWorld, given: SeedPayment): KeptPaymentMethod {
  const id = given.paymentMethod ?? derived("pm_", given.paymentIntent);
  return (
    world.find("paymentMethod", id) ??
    world.save(
      "paymentMethod",
      buildPaymentMethod(world, given.methodType, {
        id,
        ...(given.methodType === "card" ? { number: "4242424242424242" } : {}),
      }),
    )
  );
}

function book(
  world: StripeWorld,
  movement: {
    source: string;
    amount: number;
    type: "charge" | "refund" | "payout";
    created: number;
  },
  given: { currency: string; fee?: number | undefined },
): string {
  const id = derived("txn_", movement.source);
  const { type } = movement;
  return world.save(
    "balanceTransaction",
    buildBalanceTransaction(world, {
      ...movement,
      id,
      currency: given.currency,
      reporting_category: type,
      available_on: movement.created + 2 * 24 * 3600,
      ...(type === "charge" && given.fee !== undefined ? { fee: given.fee } : {}),
    }),
  ).id;
}

function seedRefund(
  world: StripeWorld,
  charge: Stripe.Charge,
  given: SeedPayment["refunds"][number],
  payment: SeedPayment,
): void {
  const created = seconds(given.createdAt, seconds(payment.createdAt, world.now()));
  const movement = { source: given.id, amount: -given.amount, type: "refund" as const, created };
  world.save(
    "refund",
    buildRefund(world, charge, {
      id: given.id,
      amount: given.amount,
      reason: given.reason,
      status: given.status,
      metadata: given.metadata,
      created,
      balance_transaction: book(world, movement, payment),
    }),
  );
}

function seedDispute(
  world: StripeWorld,
  charge: Stripe.Charge,
  given: NonNullable<SeedPayment["dispute"]>,
): void {
  const isInquiry = given.status.startsWith("warning_");
  const dispute = world.save(
    "dispute",
    buildDispute(world, charge, {
      id: given.id,
      amount: given.amount ?? charge.amount,
      reason: given.reason,
      status: given.status,
      is_charge_refundable: isInquiry,
      created: seconds(given.createdAt, charge.created),
    }),
  );
  if (isInquiry) return;
  const held = withdraw(world, dispute, derived("txn_", given.id));
  if (given.status === "won") reinstate(world, held, derived("txn_", `${given.id} won`));
}

function seedSession(world: StripeWorld, given: SeedPayment, created: number): void {
  const id = given.session ?? "";
  const known = world.find("session", id);
  const blank =
    known ??
    createSession({
      world,
      id: "",
      cause: { requestId: null, idempotencyKey: null },
      form: {
        mode: "payment",
        success_url: "https://shop.example/",
        line_items: {
          0: {
            quantity: "1",
            price_data: {
              currency: given.currency,
              unit_amount: String(given.amount),
              product_data: { name: given.description ?? "Renewal" },
            },
          },
        },
      },
    });
  if (!known) world.standIn.store.remove("session", blank.id);
  const customer = given.customer ? world.find("customer", given.customer) : null;
  world.save("session", {
    ...blank,
    id,
    created,
    expires_at: created + 24 * 3600,
    status: given.status === "failed" ? "expired" : "complete",
    payment_status: given.status === "succeeded" ? "paid" : "unpaid",
    payment_intent: given.paymentIntent,
    customer: given.customer,
    customer_creation: null,
    client_reference_id: given.clientReferenceId,
    metadata: given.metadata,
    customer_details: {
      address: null,
      business_name: null,
      email: customer?.email ?? null,
      individual_name: null,
      name: customer?.name ?? null,
      phone: null,
      tax_exempt: "none",
      tax_ids: [],
    },
    url: null,
  });
}
