import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  balancePaidOut,
  balanceReleased,
  balanceReserved,
  bankCharged,
  bankMoved,
  bankReversed,
  disputeLost,
  disputeOpened,
  disputeWon,
  feeCharged,
  paymentRefunded,
  paymentSettled,
  payoutReceived,
  payoutSent,
  receivableSettled,
  refundRedirected,
  refundReturned,
  refundSucceeded,
  revenueEarned,
  splitPayment,
  suspenseCredited,
  taxInRefund,
  topUpRefunded,
  topUpSettled,
  transferReturned,
  type CashCode,
  type EntryLine,
  type FundsPart,
  type JournalLines,
  type LedgerCode,
} from "#lib/domain/ledger.ts";
import { money, type Money } from "#lib/domain/money.ts";

const WHO = "account-1";
const ACCOUNT_OF_A_CUSTOMER: readonly LedgerCode[] = [
  "customer_balance",
  "customer_reserved",
  "receivables",
];

/** Currencies with 0, 2 and 3 decimals. */
const currency = fc.constantFrom("JPY", "CNY", "KWD");
const cash = fc.constantFrom<CashCode[]>("cash_stripe", "cash_paypal", "cash_bank");
/** From one minor unit to what PostgreSQL holds, far beyond what a float counts in whole numbers. */
const minor = fc.oneof(
  fc.bigInt({ min: 1n, max: 1_000_000n }),
  fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }),
  fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
);
const amount = fc.record({ currency, minor }).map((made) => money(made.minor, made.currency));
const part = (whole: bigint) => fc.bigInt({ min: 0n, max: whole });
/** An amount with a part of it, which may be nothing or all. */
const parted = amount.chain((whole) =>
  part(whole.amountMinor).map((partMinor) => ({ whole, partMinor })),
);

/** What a journal does to an account. */
function moved(booking: JournalLines, code: LedgerCode): bigint {
  return booking.lines
    .filter((line) => line.code === code)
    .reduce((sum, line) => sum + line.amountMinor, 0n);
}

/** What every journal is, whatever it books. */
function expectSound(booking: JournalLines, expected: string): void {
  expect(booking.currency).toBe(expected);
  expect(booking.lines.reduce((sum, line) => sum + line.amountMinor, 0n)).toBe(0n);
  for (const line of booking.lines) {
    expect(line.amountMinor).not.toBe(0n);
    expect(line.accountId === WHO).toBe(ACCOUNT_OF_A_CUSTOMER.includes(line.code));
  }
}

describe("every booking balances, in one currency, without empty lines", () => {
  /** All of them, over an amount, a part of it and a provider. */
  const bookings: Record<string, (whole: Money, partMinor: bigint, at: CashCode) => JournalLines> =
    {
      paymentSettled: (whole, tax, at) =>
        paymentSettled(
          [{ from: "provider", cash: at, amountMinor: whole.amountMinor }],
          whole,
          tax,
        ),
      "paymentSettled, in parts": (whole, first) =>
        paymentSettled(
          [
            { from: "suspense", amountMinor: first },
            { from: "reserve", accountId: WHO, amountMinor: whole.amountMinor - first },
          ],
          whole,
          0n,
        ),
      topUpSettled: (whole, _, at) =>
        topUpSettled([{ from: "provider", cash: at, amountMinor: whole.amountMinor }], WHO, whole),
      balanceReserved: (whole) => balanceReserved(WHO, whole),
      balanceReleased: (whole) => balanceReleased(WHO, whole),
      "paymentRefunded to the balance": (whole, deferred) =>
        paymentRefunded({ to: "balance", accountId: WHO }, whole, 0n, deferred),
      "paymentRefunded to its origin": (whole, tax) =>
        paymentRefunded({ to: "origin" }, whole, tax, whole.amountMinor),
      topUpRefunded: (whole, there) => topUpRefunded(WHO, whole, there),
      refundSucceeded: (whole, _, at) => refundSucceeded(at, whole),
      refundReturned: (whole, _, at) => refundReturned(at, whole),
      refundRedirected: (whole) => refundRedirected(WHO, whole),
      revenueEarned: (whole) => revenueEarned(whole),
      feeCharged: (whole, _, at) => feeCharged(at, whole),
      "disputeOpened over service": (whole, _, at) => disputeOpened(at, whole, { kind: "service" }),
      "disputeOpened over a top-up": (whole, there, at) =>
        disputeOpened(at, whole, { kind: "topup", accountId: WHO, minor: there }),
      "disputeWon over service": (whole, _, at) => disputeWon(at, whole, { kind: "service" }),
      "disputeWon over a top-up": (whole, owed, at) =>
        disputeWon(at, whole, { kind: "topup", accountId: WHO, minor: owed }),
      disputeLost: (whole) => disputeLost(whole),
      receivableSettled: (whole) => receivableSettled(WHO, whole),
      bankMoved: (whole) => bankMoved(whole),
      "bankMoved out": (whole) => bankMoved(money(-whole.amountMinor, whole.currency)),
      bankReversed: (whole) => bankReversed(whole),
      "suspenseCredited to the balance": (whole) =>
        suspenseCredited({ code: "customer_balance", accountId: WHO }, whole),
      "suspenseCredited for a payment": (whole) =>
        suspenseCredited({ code: "customer_reserved", accountId: WHO }, whole),
      payoutSent: (whole, _, at) => payoutSent(at, whole),
      payoutReceived: (whole) => payoutReceived(whole, "payouts"),
      "payoutReceived, not announced": (whole, _, at) => payoutReceived(whole, at),
      balancePaidOut: (whole) => balancePaidOut(WHO, whole),
      bankCharged: (whole) => bankCharged(whole),
      transferReturned: (whole, there) => transferReturned(WHO, whole, there),
    };

  test.each(Object.entries(bookings))("%s", (_, book) => {
    fc.assert(
      fc.property(parted, cash, ({ whole, partMinor }, at) => {
        expectSound(book(whole, partMinor, at), whole.currency);
      }),
    );
  });
});

describe("a payment", () => {
  test("is owed as service and tax, to the last minor unit", () => {
    fc.assert(
      fc.property(parted, cash, ({ whole, partMinor: tax }, at) => {
        const funds: FundsPart[] = [{ from: "provider", cash: at, amountMinor: whole.amountMinor }];
        const booking = paymentSettled(funds, whole, tax);
        expect(moved(booking, at)).toBe(whole.amountMinor);
        expect(moved(booking, "tax_payable")).toBe(-tax);
        expect(moved(booking, "deferred_revenue")).toBe(tax - whole.amountMinor);
      }),
    );
  });

  test("whose parts do not make up its amount is never booked", () => {
    fc.assert(
      fc.property(amount, minor, cash, (whole, other, at) => {
        fc.pre(other !== whole.amountMinor);
        const funds: FundsPart[] = [{ from: "provider", cash: at, amountMinor: other }];
        expect(() => paymentSettled(funds, whole, 0n)).toThrow(RangeError);
        expect(() => topUpSettled(funds, WHO, whole)).toThrow(RangeError);
      }),
    );
  });

  test("from balance, reserve, provider and bank takes from each what it gave", () => {
    const one = 2n ** 53n + 1n;
    const funds: FundsPart[] = [
      { from: "provider", cash: "cash_paypal", amountMinor: one },
      { from: "balance", accountId: WHO, amountMinor: 2n },
      { from: "reserve", accountId: WHO, amountMinor: 3n },
      { from: "suspense", amountMinor: 4n },
    ];
    expect(paymentSettled(funds, money(one + 9n, "KWD"), 5n)).toEqual({
      currency: "KWD",
      lines: [
        { code: "cash_paypal", amountMinor: one },
        { code: "customer_balance", accountId: WHO, amountMinor: 2n },
        { code: "customer_reserved", accountId: WHO, amountMinor: 3n },
        { code: "suspense", amountMinor: 4n },
        { code: "deferred_revenue", amountMinor: -(one + 4n) },
        { code: "tax_payable", amountMinor: -5n },
      ],
    });
  });
});

describe("a payment from the balance and another method", () => {
  test("adds up to the price and its tax, whatever is on the balance", () => {
    fc.assert(
      fc.property(
        parted,
        fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
        ({ whole, partMinor: tax }, there) => {
          const parts = splitPayment(whole, tax, there);
          expect(parts.reduce((sum, each) => sum + each.amount.amountMinor, 0n)).toBe(
            whole.amountMinor,
          );
          expect(parts.reduce((sum, each) => sum + each.taxMinor, 0n)).toBe(tax);
          for (const each of parts) {
            expect(each.amount.currency).toBe(whole.currency);
            expect(each.amount.amountMinor > 0n).toBe(true);
            expect(each.taxMinor >= 0n && each.taxMinor <= each.amount.amountMinor).toBe(true);
          }
          const [first] = parts;
          expect(first?.from === "balance" ? first.amount.amountMinor : 0n).toBe(
            there < whole.amountMinor ? there : whole.amountMinor,
          );
        },
      ),
    );
  });

  test("needs one method only when the balance is empty, or suffices", () => {
    const price = money(6_800n, "CNY");
    expect(splitPayment(price, 385n, 0n).map(({ from }) => from)).toEqual(["provider"]);
    expect(splitPayment(price, 385n, 6_800n).map(({ from }) => from)).toEqual(["balance"]);
    expect(splitPayment(price, 385n, 1n).map(({ from }) => from)).toEqual(["balance", "provider"]);
  });
});

describe("tax in a refund", () => {
  test("adds up to the tax that was paid, however small the parts, and fits into each", () => {
    fc.assert(
      fc.property(
        parted,
        fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 12 }),
        ({ whole, partMinor: taxMinor }, shares) => {
          let payment = {
            amountMinor: whole.amountMinor,
            taxMinor,
            refundedMinor: 0n,
            refundedTaxMinor: 0n,
          };
          const giveBack = (next: bigint): void => {
            const inIt = taxInRefund(next, payment);
            expect(inIt >= 0n && inIt <= next).toBe(true);
            payment = {
              ...payment,
              refundedMinor: payment.refundedMinor + next,
              refundedTaxMinor: payment.refundedTaxMinor + inIt,
            };
          };
          for (const share of shares) {
            const left = whole.amountMinor - payment.refundedMinor;
            if (left > 1n) giveBack((left * BigInt(share)) / 1001n);
          }
          giveBack(whole.amountMinor - payment.refundedMinor);
          expect(payment.refundedTaxMinor).toBe(taxMinor);
        },
      ),
    );
  });

  test("of six yen after six refunds of sixteen is not more than the last four", () => {
    let payment = { amountMinor: 100n, taxMinor: 6n, refundedMinor: 0n, refundedTaxMinor: 0n };
    const taxes = [16n, 16n, 16n, 16n, 16n, 16n, 4n].map((next) => {
      const inIt = taxInRefund(next, payment);
      payment = {
        ...payment,
        refundedMinor: payment.refundedMinor + next,
        refundedTaxMinor: payment.refundedTaxMinor + inIt,
      };
      return inIt;
    });
    expect(taxes).toEqual([0n, 1n, 1n, 1n, 1n, 1n, 1n]);
  });

  test("stays within the part when refunds before it failed and count no more", () => {
    const failed = { amountMinor: 100n, taxMinor: 50n, refundedMinor: 98n };
    expect(taxInRefund(2n, { ...failed, refundedTaxMinor: 40n })).toBe(2n);
    expect(taxInRefund(1n, { ...failed, refundedTaxMinor: 50n })).toBe(0n);
  });
});

describe("a refund", () => {
  test("gives back what was not earned first, and the rest out of revenue", () => {
    fc.assert(
      fc.property(parted, minor, ({ whole, partMinor: tax }, deferred) => {
        const net = whole.amountMinor - tax;
        const booking = paymentRefunded({ to: "origin" }, whole, tax, deferred);
        expect(moved(booking, "deferred_revenue")).toBe(net < deferred ? net : deferred);
        expect(moved(booking, "deferred_revenue") + moved(booking, "refunds")).toBe(net);
        expect(moved(booking, "tax_payable")).toBe(tax);
        expect(moved(booking, "refunds_payable")).toBe(-whole.amountMinor);
      }),
    );
  });

  test("of a top-up takes what is on the balance, and the customer owes what was spent", () => {
    fc.assert(
      fc.property(amount, fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (whole, there) => {
        const booking = topUpRefunded(WHO, whole, there);
        const taken = moved(booking, "customer_balance");
        expect(taken).toBe(there < whole.amountMinor ? there : whole.amountMinor);
        expect(taken + moved(booking, "receivables")).toBe(whole.amountMinor);
        expect(moved(booking, "refunds_payable")).toBe(-whole.amountMinor);
      }),
    );
  });

  test("undoes a payment without a trace", () => {
    fc.assert(
      fc.property(parted, cash, ({ whole, partMinor: tax }, at) => {
        const ledger = new Ledger();
        ledger.book(
          paymentSettled(
            [{ from: "provider", cash: at, amountMinor: whole.amountMinor }],
            whole,
            tax,
          ),
        );
        ledger.book(paymentRefunded({ to: "origin" }, whole, tax, whole.amountMinor - tax));
        ledger.book(refundSucceeded(at, whole));
        expect(ledger.isEmpty()).toBe(true);
      }),
    );
  });

  test("that comes back is owed again, and reaches the customer another way once", () => {
    fc.assert(
      fc.property(amount, cash, (whole, at) => {
        const ledger = new Ledger();
        ledger.book(topUpSettled([{ ...from(at), amountMinor: whole.amountMinor }], WHO, whole));
        const before = ledger.snapshot();
        ledger.book(topUpRefunded(WHO, whole, whole.amountMinor));
        ledger.book(refundSucceeded(at, whole));
        expect(ledger.isEmpty()).toBe(true);
        ledger.book(refundReturned(at, whole));
        expect(ledger.of("refunds_payable")).toBe(-whole.amountMinor);
        ledger.book(refundRedirected(WHO, whole));
        expect(ledger.snapshot()).toEqual(before);
      }),
    );
  });
});

describe("a dispute", () => {
  test("takes from a balance what is there, and the customer owes the rest", () => {
    fc.assert(
      fc.property(amount, fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), cash, (whole, there, at) => {
        const booking = disputeOpened(at, whole, { kind: "topup", accountId: WHO, minor: there });
        const taken = moved(booking, "customer_balance");
        expect(taken).toBe(there < whole.amountMinor ? there : whole.amountMinor);
        expect(taken + moved(booking, "receivables")).toBe(whole.amountMinor);
        expect(moved(booking, at)).toBe(-whole.amountMinor);
      }),
    );
  });

  test("that is won leaves the books as they were", () => {
    fc.assert(
      fc.property(parted, cash, ({ whole, partMinor: spent }, at) => {
        const there = whole.amountMinor - spent;
        const ledger = new Ledger();
        ledger.book(disputeOpened(at, whole, { kind: "topup", accountId: WHO, minor: there }));
        ledger.book(disputeWon(at, whole, { kind: "topup", accountId: WHO, minor: spent }));
        expect(ledger.isEmpty()).toBe(true);
        ledger.book(disputeOpened(at, whole, { kind: "service" }));
        ledger.book(disputeWon(at, whole, { kind: "service" }));
        expect(ledger.isEmpty()).toBe(true);
      }),
    );
  });

  test("that is won after the customer paid the debt puts all of it on the balance", () => {
    fc.assert(
      fc.property(amount, cash, (whole, at) => {
        const ledger = new Ledger();
        ledger.book(disputeOpened(at, whole, { kind: "topup", accountId: WHO, minor: 0n }));
        ledger.book(receivableSettled(WHO, whole));
        ledger.book(disputeWon(at, whole, { kind: "topup", accountId: WHO, minor: 0n }));
        expect(ledger.isEmpty()).toBe(true);
      }),
    );
  });

  test("over service that is lost is the operator's loss", () => {
    fc.assert(
      fc.property(amount, cash, (whole, at) => {
        const ledger = new Ledger();
        ledger.book(disputeOpened(at, whole, { kind: "service" }));
        ledger.book(disputeLost(whole));
        expect([ledger.of(at), ledger.of("disputes"), ledger.of("dispute_losses")]).toEqual([
          -whole.amountMinor,
          0n,
          whole.amountMinor,
        ]);
      }),
    );
  });
});

describe("money at the bank", () => {
  test("is nobody's until it is somebody's, and none of it stays in between", () => {
    fc.assert(
      fc.property(parted, ({ whole, partMinor: kept }) => {
        const over = whole.amountMinor - kept;
        const ledger = new Ledger();
        ledger.book(bankMoved(whole));
        expect(ledger.of("suspense")).toBe(-whole.amountMinor);
        const there = (minorUnits: bigint) => money(minorUnits, whole.currency);
        ledger.book(
          suspenseCredited({ code: "customer_reserved", accountId: WHO }, there(kept)),
          suspenseCredited({ code: "customer_balance", accountId: WHO }, there(over)),
        );
        expect(ledger.of("suspense")).toBe(0n);
        expect(ledger.of("cash_bank")).toBe(whole.amountMinor);
        expect(ledger.of("customer_reserved") + ledger.of("customer_balance")).toBe(
          -whole.amountMinor,
        );
      }),
    );
  });

  test("that two files told of is there once", () => {
    const told = money(6_800n, "CNY");
    const ledger = new Ledger();
    ledger.book(bankMoved(told), bankMoved(told), bankReversed(told));
    expect(ledger.snapshot()).toEqual({ "CNY cash_bank": 6_800n, "CNY suspense": -6_800n });
  });

  test("that a provider sent is the provider's no more, and the bank's when it is seen there", () => {
    const sent = money(2n ** 60n, "JPY");
    const ledger = new Ledger();
    ledger.book(payoutSent("cash_stripe", sent));
    expect(ledger.of("payouts")).toBe(sent.amountMinor);
    ledger.book(bankMoved(sent), payoutReceived(sent, "payouts"));
    expect(ledger.snapshot()).toEqual({
      "JPY cash_stripe": -sent.amountMinor,
      "JPY cash_bank": sent.amountMinor,
    });
  });
});

describe("money that left the bank", () => {
  const left = money(-5_000n, "CNY");
  const amount = money(5_000n, "CNY");

  test("was the customer's balance when it was given back", () => {
    const ledger = new Ledger();
    ledger.book(bankMoved(left), balancePaidOut(WHO, amount));
    expect(ledger.snapshot()).toEqual({ "CNY cash_bank": -5_000n, "CNY customer_balance": 5_000n });
  });

  test("is spent when the bank charged it", () => {
    const ledger = new Ledger();
    ledger.book(bankMoved(left), bankCharged(amount));
    expect(ledger.snapshot()).toEqual({ "CNY cash_bank": -5_000n, "CNY provider_fees": 5_000n });
  });

  test("is taken from the balance as far as it goes when a transfer was taken back", () => {
    fc.assert(
      fc.property(parted, ({ whole, partMinor: there }) => {
        const ledger = new Ledger();
        ledger.book(
          bankMoved(money(-whole.amountMinor, whole.currency)),
          transferReturned(WHO, whole, there),
        );
        expect(ledger.of("suspense")).toBe(0n);
        expect(ledger.of("customer_balance")).toBe(there);
        expect(ledger.of("receivables")).toBe(whole.amountMinor - there);
      }),
    );
  });

  test("of a provider that does not tell of its payouts is no more at the provider", () => {
    const ledger = new Ledger();
    ledger.book(bankMoved(amount), payoutReceived(amount, "cash_paypal"));
    expect(ledger.snapshot()).toEqual({ "CNY cash_bank": 5_000n, "CNY cash_paypal": -5_000n });
  });
});

test("two currencies are never booked together", () => {
  expect(() => paymentSettled([], money(1n, "usd"), 0n)).toThrow(RangeError);
  const ledger = new Ledger();
  ledger.book(balanceReserved(WHO, money(5n, "USD")), balanceReserved(WHO, money(7n, "EUR")));
  // Each journal has one currency, so that every currency is balanced by itself.
  expect(ledger.snapshot()).toEqual({
    "USD customer_balance": 5n,
    "USD customer_reserved": -5n,
    "EUR customer_balance": 7n,
    "EUR customer_reserved": -7n,
  });
});

function from(at: CashCode) {
  return { from: "provider" as const, cash: at };
}

/** Accounts that add up what is booked, by currency and code. */
class Ledger {
  readonly #sums = new Map<string, bigint>();

  book(...bookings: readonly JournalLines[]): void {
    for (const { currency: in_, lines } of bookings) {
      for (const line of lines) this.#add(in_, line);
    }
  }

  /** The sum of a code over all currencies. */
  of(code: LedgerCode): bigint {
    return [...this.#sums]
      .filter(([key]) => key.endsWith(` ${code}`))
      .reduce((sum, [, value]) => sum + value, 0n);
  }

  isEmpty(): boolean {
    return Object.keys(this.snapshot()).length === 0;
  }

  snapshot(): Record<string, bigint> {
    return Object.fromEntries([...this.#sums].filter(([, value]) => value !== 0n));
  }

  #add(in_: string, { code, amountMinor }: EntryLine): void {
    const key = `${in_} ${code}`;
    this.#sums.set(key, (this.#sums.get(key) ?? 0n) + amountMinor);
  }
}
