import { money, type Money } from "./money.ts";

/**
 * The chart of accounts. Assets and expenses grow by debits, what is owed and what is earned by credits.
 * Those of a customer exist once per customer and currency, the others once per currency.
 */
export type LedgerCode =
  // Owed to customers.
  | "customer_balance"
  | "customer_reserved"
  | "refunds_payable"
  /** At the bank, and nobody knows yet whose it is. */
  | "suspense"
  // Owed to others, and service not yet given.
  | "tax_payable"
  | "deferred_revenue"
  // What the operator has, or is owed.
  | CashCode
  /** On its way from a provider to the bank. */
  | "payouts"
  /** Taken back by a provider until a dispute is decided. */
  | "disputes"
  /** Owed by a customer: a top-up that was spent and then disputed. */
  | "receivables"
  // Earned, and what reduces it.
  | "earned_revenue"
  | "discounts"
  | "refunds"
  // Spent and lost.
  | "provider_fees"
  | "dispute_losses"
  | "operator_loss"
  | "opening_equity";

/** Money that somebody outside holds for the operator. */
export type CashCode = "cash_stripe" | "cash_paypal" | "cash_bank";

/** One side of a journal. Positive is a debit, negative a credit, in minor units of the journal's currency. */
export interface EntryLine {
  readonly code: LedgerCode;
  /** The customer whose account it is; for `customer_…` codes and `receivables` only. */
  readonly accountId?: string;
  readonly amountMinor: bigint;
}

/** A balanced booking, before it is written. */
export interface JournalLines {
  readonly currency: string;
  readonly lines: readonly EntryLine[];
}

/** Where money comes from. */
export type Funds =
  | { readonly from: "provider"; readonly cash: CashCode }
  | { readonly from: "balance"; readonly accountId: string }
  /** The part of a balance that was set aside for the order. */
  | { readonly from: "reserve"; readonly accountId: string }
  /** Received at the bank, and now known whose it is. */
  | { readonly from: "suspense" };

/** A part of an amount with where it comes from; the parts make up the amount. */
export type FundsPart = Funds & { readonly amountMinor: bigint };

/**
 * A payment for service settled: money in (debit), owed as service not yet given (deferred revenue) and
 * as tax (credits). Throws RangeError when the parts do not make up the amount.
 *
 * @param amount with tax; `taxMinor` is the part of it that is tax
 */
export function paymentSettled(
  parts: readonly FundsPart[],
  amount: Money,
  taxMinor: bigint,
): JournalLines {
  return journal(amount.currency, [
    ...parts.map(fundsLine),
    { code: "deferred_revenue", amountMinor: -(amount.amountMinor - taxMinor) },
    { code: "tax_payable", amountMinor: -taxMinor },
  ]);
}

/**
 * A top-up settled: money in, owed to the customer as balance. No tax yet: what it will buy is not known.
 * Throws RangeError when the parts do not make up the amount.
 */
export function topUpSettled(
  parts: readonly FundsPart[],
  accountId: string,
  amount: Money,
): JournalLines {
  return journal(amount.currency, [
    ...parts.map(fundsLine),
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
 * A payment given back, wholly or in part: what was owed as service and tax is owed back. What was earned
 * already is given back out of the operator's revenue. To a balance it is given at once; to a provider's
 * customer it stays payable until the provider has paid it.
 *
 * @param amount what is given back, tax included; `taxMinor` the tax in it
 * @param deferredMinor how much of the order's revenue is not earned yet
 */
export function paymentRefunded(
  destination: { readonly to: "balance"; readonly accountId: string } | { readonly to: "origin" },
  amount: Money,
  taxMinor: bigint,
  deferredMinor: bigint,
): JournalLines {
  const net = amount.amountMinor - taxMinor;
  const notEarned = net < deferredMinor ? net : deferredMinor;
  return journal(amount.currency, [
    { code: "deferred_revenue", amountMinor: notEarned },
    { code: "refunds", amountMinor: net - notEarned },
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

/**
 * A top-up given back to where it came from: out of the balance, and what that no longer holds, the
 * customer owes.
 *
 * @param availableMinor what the balance can give
 */
export function topUpRefunded(
  accountId: string,
  amount: Money,
  availableMinor: bigint,
): JournalLines {
  return journal(amount.currency, [
    ...takenBack(accountId, amount, availableMinor),
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

/** A refund that had been paid out came back to the provider: it is owed again. */
export function refundReturned(cash: CashCode, amount: Money): JournalLines {
  return reversed(refundSucceeded(cash, amount));
}

/** A refund that could not be paid out goes to the customer's balance instead. */
export function refundRedirected(accountId: string, amount: Money): JournalLines {
  return journal(amount.currency, [
    { code: "refunds_payable", amountMinor: amount.amountMinor },
    { code: "customer_balance", accountId, amountMinor: -amount.amountMinor },
  ]);
}

/** Service was given: what was owed as service is the operator's. */
export function revenueEarned(amount: Money): JournalLines {
  return journal(amount.currency, [
    { code: "deferred_revenue", amountMinor: amount.amountMinor },
    { code: "earned_revenue", amountMinor: -amount.amountMinor },
  ]);
}

/** The provider kept something for its service. */
export function feeCharged(cash: CashCode, fee: Money): JournalLines {
  return journal(fee.currency, [
    { code: "provider_fees", amountMinor: fee.amountMinor },
    { code: cash, amountMinor: -fee.amountMinor },
  ]);
}

/** The provider gave back what it had kept, such as the fee of a dispute that was won. */
export function feeReturned(cash: CashCode, fee: Money): JournalLines {
  return reversed(feeCharged(cash, fee));
}

/**
 * A provider paid a customer more than was left to give back: somebody refunded at the provider what had
 * been given back here. It is the operator's loss until a person finds another way.
 */
export function refundExceeded(cash: CashCode, excess: Money): JournalLines {
  return journal(excess.currency, [
    { code: "operator_loss", amountMinor: excess.amountMinor },
    { code: cash, amountMinor: -excess.amountMinor },
  ]);
}

/** Whose loss a dispute would be: the operator's, or that of the customer whose balance the payment filled. */
export type Disputed =
  | { readonly kind: "service" }
  /** `minor`: what the balance can give back now (opened), or what the customer owes for it (won). */
  | { readonly kind: "topup"; readonly accountId: string; readonly minor: bigint };

/**
 * A provider took disputed money back until the dispute is decided. What a top-up put on a balance is taken
 * from it; what was spent already, the customer owes.
 */
export function disputeOpened(cash: CashCode, amount: Money, disputed: Disputed): JournalLines {
  const taken: EntryLine = { code: cash, amountMinor: -amount.amountMinor };
  if (disputed.kind === "service") {
    return journal(amount.currency, [{ code: "disputes", amountMinor: amount.amountMinor }, taken]);
  }
  return journal(amount.currency, [
    ...takenBack(disputed.accountId, amount, disputed.minor),
    taken,
  ]);
}

/** The provider gave disputed money back; a customer's debt for it is settled first, the rest is balance again. */
export function disputeWon(cash: CashCode, amount: Money, disputed: Disputed): JournalLines {
  const back: EntryLine = { code: cash, amountMinor: amount.amountMinor };
  if (disputed.kind === "service") {
    return journal(amount.currency, [back, { code: "disputes", amountMinor: -amount.amountMinor }]);
  }
  const { accountId } = disputed;
  const owed = disputed.minor < amount.amountMinor ? disputed.minor : amount.amountMinor;
  return journal(amount.currency, [
    back,
    { code: "receivables", accountId, amountMinor: -owed },
    { code: "customer_balance", accountId, amountMinor: -(amount.amountMinor - owed) },
  ]);
}

/** Disputed money for service will not come back. */
export function disputeLost(amount: Money): JournalLines {
  return journal(amount.currency, [
    { code: "dispute_losses", amountMinor: amount.amountMinor },
    { code: "disputes", amountMinor: -amount.amountMinor },
  ]);
}

/** What a customer owes is taken from the balance. */
export function receivableSettled(accountId: string, amount: Money): JournalLines {
  return journal(amount.currency, [
    { code: "customer_balance", accountId, amountMinor: amount.amountMinor },
    { code: "receivables", accountId, amountMinor: -amount.amountMinor },
  ]);
}

/** A movement on the operator's bank account, before it is known whose it is; negative when money went out. */
export function bankMoved(amount: Money): JournalLines {
  return journal(amount.currency, [
    { code: "cash_bank", amountMinor: amount.amountMinor },
    { code: "suspense", amountMinor: -amount.amountMinor },
  ]);
}

/** A movement that two files told of is booked back: it counts once. */
export function bankReversed(amount: Money): JournalLines {
  return reversed(bankMoved(amount));
}

/** Money from the bank is a customer's: on the balance, or set aside of it for a payment that is not complete. */
export function suspenseCredited(
  to: { readonly code: "customer_balance" | "customer_reserved"; readonly accountId: string },
  amount: Money,
): JournalLines {
  return journal(amount.currency, [
    { code: "suspense", amountMinor: amount.amountMinor },
    { ...to, amountMinor: -amount.amountMinor },
  ]);
}

/** A provider sent money to the bank. */
export function payoutSent(cash: CashCode, amount: Money): JournalLines {
  return journal(amount.currency, [
    { code: "payouts", amountMinor: amount.amountMinor },
    { code: cash, amountMinor: -amount.amountMinor },
  ]);
}

/**
 * A provider's payout was seen at the bank.
 *
 * @param from where it was: on its way, or, of a provider that does not tell when it sends, still its cash
 */
export function payoutReceived(amount: Money, from: CashCode | "payouts"): JournalLines {
  return journal(amount.currency, [
    { code: "suspense", amountMinor: amount.amountMinor },
    { code: from, amountMinor: -amount.amountMinor },
  ]);
}

/** A customer was paid out of the balance by a transfer from the bank. */
export function balancePaidOut(accountId: string, amount: Money): JournalLines {
  return journal(amount.currency, [
    { code: "customer_balance", accountId, amountMinor: amount.amountMinor },
    { code: "suspense", amountMinor: -amount.amountMinor },
  ]);
}

/** The bank kept something for its service. */
export function bankCharged(amount: Money): JournalLines {
  return journal(amount.currency, [
    { code: "provider_fees", amountMinor: amount.amountMinor },
    { code: "suspense", amountMinor: -amount.amountMinor },
  ]);
}

/**
 * The bank took a customer's transfer back: out of the balance, and what that does not hold, the customer owes.
 *
 * @param availableMinor what the balance can give
 */
export function transferReturned(
  accountId: string,
  amount: Money,
  availableMinor: bigint,
): JournalLines {
  return journal(amount.currency, [
    ...takenBack(accountId, amount, availableMinor),
    { code: "suspense", amountMinor: -amount.amountMinor },
  ]);
}

/** What a payment was for, and what of it was given back. */
export interface RefundedSoFar {
  readonly amountMinor: bigint;
  readonly taxMinor: bigint;
  readonly refundedMinor: bigint;
  readonly refundedTaxMinor: bigint;
}

/**
 * The tax in a refund of a part of a payment, so that all refunds together hold the tax in proportion,
 * rounded down, and the last one all that is left. Never more than the part itself, however many small parts
 * came before.
 */
export function taxInRefund(partMinor: bigint, payment: RefundedSoFar): bigint {
  const untilNow = payment.refundedMinor + partMinor;
  const dueMinor = (payment.taxMinor * untilNow) / payment.amountMinor - payment.refundedTaxMinor;
  if (dueMinor < 0n) return 0n;
  return dueMinor < partMinor ? dueMinor : partMinor;
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
  // Rounded down; the other part takes the rest, so that both add up.
  const balanceTax = (taxMinor * fromBalance) / total.amountMinor;
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

/** What was topped up is taken from the balance as far as it is there; the rest is a debt of the customer. */
function takenBack(accountId: string, amount: Money, availableMinor: bigint): EntryLine[] {
  const there = availableMinor < amount.amountMinor ? availableMinor : amount.amountMinor;
  return [
    { code: "customer_balance", accountId, amountMinor: there },
    { code: "receivables", accountId, amountMinor: amount.amountMinor - there },
  ];
}

function fundsLine(part: FundsPart): EntryLine {
  const { amountMinor } = part;
  switch (part.from) {
    case "provider":
      return { code: part.cash, amountMinor };
    case "balance":
      return { code: "customer_balance", accountId: part.accountId, amountMinor };
    case "reserve":
      return { code: "customer_reserved", accountId: part.accountId, amountMinor };
    case "suspense":
      return { code: "suspense", amountMinor };
  }
}

/** The correction of a booking: the same lines the other way round. */
function reversed({ currency, lines }: JournalLines): JournalLines {
  return {
    currency,
    lines: lines.map((line) => ({ ...line, amountMinor: -line.amountMinor })),
  };
}

/** Leaves out lines of zero and checks the sum: an unbalanced journal is a defect. */
function journal(currency: string, lines: readonly EntryLine[]): JournalLines {
  const kept = lines.filter((line) => line.amountMinor !== 0n);
  const sum = kept.reduce((total, line) => total + line.amountMinor, 0n);
  if (sum !== 0n) throw new RangeError(`A journal must sum to zero, not ${sum}`);
  return { currency, lines: kept };
}
