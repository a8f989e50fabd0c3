import type Stripe from "stripe";
import { captureIntent } from "./capturing.ts";
import { newId, randomText } from "./ids.ts";
import { ofItsOwn } from "./world.ts";
import type { Cause, KeptPaymentMethod, StripeWorld } from "./world.ts";

/**
 * Bank transfers into a customer's cash balance (docs.stripe.com/payments/customer-balance). What
 * arrives pays the payments that wait, oldest first; what is too much stays with the customer and
 * pays the next one.
 */

/** A customer's cash balance in one currency, with the account it is paid into. */
export interface CashBalance {
  id: string;
  customer: string;
  currency: string;
  available: number;
  /** What the customer writes into the transfer. */
  reference: string;
  created: number;
}

/** The kind of transfer that a currency has. */
export const transferTypes: Record<string, string> = {
  eur: "eu_bank_transfer",
  gbp: "gb_bank_transfer",
  jpy: "jp_bank_transfer",
  mxn: "mx_bank_transfer",
  usd: "us_bank_transfer",
};

/** Tells the customer where to transfer to; pays at once from what the cash balance holds already. */
export function awaitTransfer(
  world: StripeWorld,
  intent: Stripe.PaymentIntent,
  method: KeptPaymentMethod,
  cause: Cause,
): { kind: "succeeded" | "awaits_transfer"; intent: Stripe.PaymentIntent } {
  world.save("paymentMethod", method);
  const balance = balanceOf(world, String(intent.customer), intent.currency);
  const waiting = world.save("paymentIntent", {
    ...intent,
    status: "requires_action",
    payment_method: method.id,
    last_payment_error: null,
    next_action: instructions(world, intent, balance, intent.amount),
  });
  world.emit("payment_intent.requires_action", waiting, cause);
  const after = apply(world, waiting, cause);
  return { kind: after.status === "succeeded" ? "succeeded" : "awaits_transfer", intent: after };
}

/** What is missing of an intent that waits for a transfer; null when it waits for none. */
export function missingOf(intent: Stripe.PaymentIntent): number | null {
  if (intent.status !== "requires_action") return null;
  return intent.next_action?.display_bank_transfer_instructions?.amount_remaining ?? null;
}

/** A transfer of the customer arrives and pays what waits for it. */
export function receiveTransfer(
  world: StripeWorld,
  customer: string,
  currency: string,
  amount: number,
): CashBalance {
  const before = balanceOf(world, customer, currency);
  const funded = world.save("cashBalance", { ...before, available: before.available + amount });
  announce(world, funded, { net_amount: amount, type: "funded" });
  const waiting = world
    .list("paymentIntent", { customer })
    .map(({ doc }) => doc)
    .filter((intent) => intent.currency === currency && missingOf(intent) !== null)
    .toReversed();
  for (const intent of waiting) {
    if (balanceOf(world, customer, currency).available === 0) break;
    if (apply(world, intent, ofItsOwn).status === "succeeded") paySession(world, intent.id);
  }
  return balanceOf(world, customer, currency);
}

/** Takes from the cash balance what the intent lacks, as far as it goes. */
function apply(
  world: StripeWorld,
  intent: Stripe.PaymentIntent,
  cause: Cause,
): Stripe.PaymentIntent {
  const balance = balanceOf(world, String(intent.customer), intent.currency);
  const missing = missingOf(intent) ?? 0;
  const taken = Math.min(missing, balance.available);
  if (taken === 0) return intent;
  const rest = world.save("cashBalance", { ...balance, available: balance.available - taken });
  announce(world, rest, {
    net_amount: -taken,
    type: "applied_to_payment",
    applied_to_payment: { payment_intent: intent.id },
  });
  if (taken === missing) {
    const method = world.get("paymentMethod", String(intent.payment_method));
    return captureIntent(world, intent, method, cause).intent;
  }
  const partly = world.save("paymentIntent", {
    ...intent,
    next_action: instructions(world, intent, rest, missing - taken),
  });
  world.emit("payment_intent.partially_funded", partly, cause);
  return partly;
}

/** The completed session of an intent that a transfer paid later. */
function paySession(world: StripeWorld, intentId: string): void {
  const session = world.list("session", { payment_intent: intentId })[0]?.doc;
  if (!session) return;
  const paid = world.save("session", { ...session, payment_status: "paid" });
  world.emit("checkout.session.async_payment_succeeded", paid, ofItsOwn);
}

function balanceOf(world: StripeWorld, customer: string, currency: string): CashBalance {
  const id = `${customer}_${currency}`;
  return (
    world.find("cashBalance", id) ??
    world.save("cashBalance", {
      id,
      customer,
      currency,
      available: 0,
      reference: randomText(12).toUpperCase(),
      created: world.now(),
    })
  );
}

function announce(
  world: StripeWorld,
  balance: CashBalance,
  what: Pick<Stripe.CustomerCashBalanceTransaction, "net_amount" | "type"> &
    Partial<Stripe.CustomerCashBalanceTransaction>,
): void {
  const transaction = {
    id: newId("cashBalanceTransaction"),
    object: "customer_cash_balance_transaction" as const,
    created: world.now(),
    currency: balance.currency,
    customer: balance.customer,
    customer_account: null,
    ending_balance: balance.available,
    livemode: false,
    ...what,
  };
  world.emit("customer_cash_balance_transaction.created", transaction, ofItsOwn);
}

function instructions(
  world: StripeWorld,
  intent: Stripe.PaymentIntent,
  balance: CashBalance,
  missing: number,
): Stripe.PaymentIntent.NextAction {
  return {
    type: "display_bank_transfer_instructions",
    display_bank_transfer_instructions: {
      amount_remaining: missing,
      currency: intent.currency,
      financial_addresses: [addressOf(intent.currency)],
      hosted_instructions_url: `${world.baseUrl()}/c/transfer/${intent.id}`,
      reference: balance.reference,
      type: transferTypes[intent.currency] ?? "",
    },
  };
}

type FinancialAddress =
  Stripe.PaymentIntent.NextAction.DisplayBankTransferInstructions.FinancialAddress;

const holder = "Stand-in of Stripe";
const place = {
  city: "Dublin",
  country: "IE",
  line1: "1 Test Street",
  line2: null,
  postal_code: "D02 TEST",
  state: null,
};

/** An account that no bank has, in the shape of the currency's. */
function addressOf(currency: string): FinancialAddress {
  const owner = { account_holder_address: place, account_holder_name: holder, bank_address: place };
  switch (currency) {
    case "gbp":
      return {
        type: "sort_code",
        sort_code: { ...owner, account_number: "00012345", sort_code: "108800" },
        supported_networks: ["bacs", "fps"],
      };
    case "usd":
      return {
        type: "aba",
        aba: {
          ...owner,
          account_number: "000123456789",
          account_type: "checking",
          bank_name: "Test Bank",
          routing_number: "110000000",
        },
        supported_networks: ["ach", "domestic_wire_us"],
      };
    case "jpy":
      return {
        type: "zengin",
        zengin: {
          ...owner,
          account_number: "0012345",
          account_type: "futsu",
          bank_code: "0000",
          bank_name: "テスト銀行",
          branch_code: "001",
          branch_name: "本店",
        },
        supported_networks: ["zengin"],
      };
    case "mxn":
      return {
        type: "spei",
        spei: {
          ...owner,
          bank_code: "000",
          bank_name: "Banco de prueba",
          clabe: "000000000000000000",
        },
        supported_networks: ["spei"],
      };
    default:
      return {
        type: "iban",
        iban: { ...owner, bic: "TESTDEFFXXX", country: "DE", iban: "DE00000000000000000000" },
        supported_networks: ["sepa"],
      };
  }
}
