import { money, type Money } from "./money.ts";

/** Codes of the chart of accounts; those of a customer exist once per customer and currency. */
export type LedgerCode =
  | "customer_balance"
  | "customer_reserved"
  | CashCode
  | "deferred_revenue"
  | "tax_payable"
  | "refunds_payable"
  | "operator_loss"
  | "opening_equity";

/** Money that somebody outside holds for the operator. */
export type CashCode = "cash_stripe" | "cash_paypal";

/** One side of a journal. Positive is a debit, negative a credit, in minor units of the journal's currency. */
export interface EntryLine {
  readonly code: LedgerCode;
  /** The customer whose account it is; only for `customer_…` codes. */
  readonly accountId?: string;
  readonly amountMinor: bigint;
}

/** A balanced booking, before it is written. */
export interface JournalLines {
  readonly currency: string;
  readonly lines: readonly EntryLine[];
}

/** Where money comes from or goes back to: a provider or bank, or a customer's balance. */
export type Funds =
  | { readonly from: "provider"; readonly cash: CashCode }
  | { readonly from: "balance"; readonly accountId: string }
  /** The part of a balance that was set aside for the order. */
  | { readonly from: "reserve"; readonly accountId: string };

/**
 * A payment for service settled: money in (debit), owed as service not yet given (deferred revenue) and
 * as tax (credits).
 *
 * @param amount with tax; `taxMinor` is the part of it that is tax
 */
export function paymentSettled(funds: Funds, amount: Money, taxMinor: bigint): JournalLines {
  return journal(amount.currency, [
    fundsLine(funds, amount.amountMinor),
    { code: "deferred_revenue", amountMinor: -(amount.amountMinor - taxMinor) },
    { code: "tax_payable", amountMinor: -taxMinor },
  ]);
}

/** A top-up settled: money in, owed to the customer as balance. No tax yet: what it will buy is not known. */
export function topUpSettled(cash: CashCode, accountId: string, amount: Money): JournalLines {
  return journal(amount.currency, [
    { code: cash, amountMinor: amount.amountMinor },
    { code: "customer_balance", accountId, amountMinor: -amount.amountMinor },
  ]);
}

/** A part of the balance is set aside for an order. */
export function balanceReserved(accountId: string, amount: Money): JournalLines {
  return journal(amount.currency, [
    { code: "customer_balance", accountId, amountMinor: amount.amountMinor },
    { code: "customer_reserved", accountId, amountMinor: -amount.amountMinor },
  ]);
}

/** What was set aside is the customer's to spend again. */
export function balanceReleased(accountId: string, amount: Money): JournalLines {
  return journal(amount.currency, [
    { code: "customer_reserved", accountId, amountMinor: amount.amountMinor },
    { code: "customer_balance", accountId, amountMinor: -amount.amountMinor },
  ]);
}

/**
 * A payment given back, wholly or in part: what was owed as service and tax is owed back. To a balance it
 * is given at once; to a provider's customer it stays payable until the provider has paid it.
 *
 * @param amount what is given back, tax included; `taxMinor` the tax in it
 */
export function paymentRefunded(
  destination: { readonly to: "balance"; readonly accountId: string } | { readonly to: "origin" },
  amount: Money,
  taxMinor: bigint,
): JournalLines {
  return journal(amount.currency, [
    { code: "deferred_revenue", amountMinor: amount.amountMinor - taxMinor },
    { code: "tax_payable", amountMinor: taxMinor },
    destination.to === "balance"
      ? {
          code: "customer_balance",
          accountId: destination.accountId,
          amountMinor: -amount.amountMinor,
        }
      : { code: "refunds_payable", amountMinor: -amount.amountMinor },
  ]);
}

/** A top-up given back to where it came from: out of the balance, which must still hold it. */
export function topUpRefunded(accountId: string, amount: Money): JournalLines {
  return journal(amount.currency, [
    { code: "customer_balance", accountId, amountMinor: amount.amountMinor },
    { code: "refunds_payable", amountMinor: -amount.amountMinor },
  ]);
}

/** The provider paid a refund out of what it holds for the operator. */
export function refundSucceeded(cash: CashCode, amount: Money): JournalLines {
  return journal(amount.currency, [
    { code: "refunds_payable", amountMinor: amount.amountMinor },
    { code: cash, amountMinor: -amount.amountMinor },
  ]);
}

/**
 * The tax in a part of an amount, in proportion, rounded down; for the last part take what is left, so that
 * the parts always add up.
 */
export function proportionalTax(partMinor: bigint, whole: Money, taxMinor: bigint): bigint {
  return whole.amountMinor === 0n ? 0n : (taxMinor * partMinor) / whole.amountMinor;
}

/** How an order is paid: from the balance as far as asked and possible, the rest by another method. */
export function splitPayment(
  total: Money,
  taxMinor: bigint,
  balanceMinor: bigint,
): readonly {
  readonly from: "balance" | "provider";
  readonly amount: Money;
  readonly taxMinor: bigint;
}[] {
  const fromBalance = balanceMinor < total.amountMinor ? balanceMinor : total.amountMinor;
  const balanceTax = proportionalTax(fromBalance, total, taxMinor);
  const rest = total.amountMinor - fromBalance;
  const parts = [
    { from: "balance" as const, amountMinor: fromBalance, taxMinor: balanceTax },
    { from: "provider" as const, amountMinor: rest, taxMinor: taxMinor - balanceTax },
  ];
  return parts
    .filter((part) => part.amountMinor > 0n)
    .map((part) => ({
      from: part.from,
      amount: money(part.amountMinor, total.currency),
      taxMinor: part.taxMinor,
    }));
}

function fundsLine(funds: Funds, amountMinor: bigint): EntryLine {
  switch (funds.from) {
    case "provider":
      return { code: funds.cash, amountMinor };
    case "balance":
      return { code: "customer_balance", accountId: funds.accountId, amountMinor };
    case "reserve":
      return { code: "customer_reserved", accountId: funds.accountId, amountMinor };
  }
}

/** Leaves out lines of zero and checks the sum: an unbalanced journal is a defect. */
function journal(currency: string, lines: readonly EntryLine[]): JournalLines {
  const kept = lines.filter((line) => line.amountMinor !== 0n);
  const sum = kept.reduce((total, line) => total + line.amountMinor, 0n);
  if (sum !== 0n) throw new RangeError(`A journal must sum to zero, not ${sum}`);
  return { currency, lines: kept };
}
