import type { Money } from "./money.ts";

/** Codes of the chart of accounts; those of a customer exist once per customer and currency. */
export type LedgerCode =
  | "customer_balance"
  | "customer_reserved"
  | "cash_stripe"
  | "deferred_revenue"
  | "tax_payable"
  | "refunds_payable"
  | "operator_loss"
  | "opening_equity";

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

/** Where a payment's money is when it arrives. */
export type Funds =
  | { readonly from: "stripe" }
  | { readonly from: "balance"; readonly accountId: string };

/**
 * A payment settled: money in (debit), owed as service not yet given (deferred revenue) and as tax (credits).
 *
 * @param total with tax; `taxMinor` is the part of it that is tax
 */
export function paymentSettled(funds: Funds, total: Money, taxMinor: bigint): JournalLines {
  return journal(total.currency, [
    fundsLine(funds, total.amountMinor),
    { code: "deferred_revenue", amountMinor: -(total.amountMinor - taxMinor) },
    { code: "tax_payable", amountMinor: -taxMinor },
  ]);
}

/**
 * An order refunded in full: what was owed as service and tax is owed back. To a balance it is given at
 * once; to a provider's customer it stays payable until the provider has paid it.
 */
export function orderRefunded(funds: Funds, total: Money, taxMinor: bigint): JournalLines {
  return journal(total.currency, [
    { code: "deferred_revenue", amountMinor: total.amountMinor - taxMinor },
    { code: "tax_payable", amountMinor: taxMinor },
    funds.from === "balance"
      ? { code: "customer_balance", accountId: funds.accountId, amountMinor: -total.amountMinor }
      : { code: "refunds_payable", amountMinor: -total.amountMinor },
  ]);
}

/** The provider paid a refund out of what it holds for the operator. */
export function refundSucceeded(amount: Money): JournalLines {
  return journal(amount.currency, [
    { code: "refunds_payable", amountMinor: amount.amountMinor },
    { code: "cash_stripe", amountMinor: -amount.amountMinor },
  ]);
}

function fundsLine(funds: Funds, amountMinor: bigint): EntryLine {
  return funds.from === "balance"
    ? { code: "customer_balance", accountId: funds.accountId, amountMinor }
    : { code: "cash_stripe", amountMinor };
}

/** Leaves out lines of zero and checks the sum: an unbalanced journal is a defect. */
function journal(currency: string, lines: readonly EntryLine[]): JournalLines {
  const kept = lines.filter((line) => line.amountMinor !== 0n);
  const sum = kept.reduce((total, line) => total + line.amountMinor, 0n);
  if (sum !== 0n) throw new RangeError(`A journal must sum to zero, not ${sum}`);
  return { currency, lines: kept };
}
