import {
  bankMoved,
  paymentRefunded,
  paymentSettled,
  refundSucceeded,
  topUpSettled,
  type CashCode,
  type EntryLine,
  type Funds,
  type JournalLines,
} from "#lib/domain/ledger.ts";
import type { Money } from "#lib/domain/money.ts";
import { uuidOf } from "./ids.ts";
import type { SeedRows } from "./rows.ts";

/** What a journal is booked for and when, as lib/services/ledger/book-journal.ts takes it. */
interface JournalSource {
  readonly kind:
    | "payment.settled"
    | "order.refunded"
    | "refund.succeeded"
    | "bank.moved"
    | "balance.opened";
  readonly sourceId: string;
  readonly orderId?: string;
  readonly reason?: string;
  /** The customer who did it; the system where it is left out. */
  readonly customerId?: string;
  /** The member of staff who did it. */
  readonly staffId?: string;
  readonly bookedAt: Date;
}

/** Books the money of the demo in the journals that the services would write. */
export class Books {
  readonly #rows: SeedRows;
  readonly #opened = new Set<string>();
  /** What each customer has, so that a story that spends more than it has is noticed here. */
  readonly #balances = new Map<string, bigint>();

  constructor(rows: SeedRows) {
    this.#rows = rows;
  }

  /** A balance taken over from the operator's earlier system. */
  openBalance(accountId: string, amount: Money, bookedAt: Date): void {
    this.#book(
      {
        kind: "balance.opened",
        sourceId: accountId,
        reason: "taken over from the system before",
        bookedAt,
      },
      {
        currency: amount.currency,
        lines: [
          { code: "opening_equity", amountMinor: amount.amountMinor },
          { code: "customer_balance", accountId, amountMinor: -amount.amountMinor },
        ],
      },
    );
  }

  topUp(
    payment: { readonly id: string; readonly orderId: string; readonly at: Date },
    accountId: string,
    amount: Money,
  ): void {
    this.#book(
      {
        kind: "payment.settled",
        sourceId: payment.id,
        orderId: payment.orderId,
        bookedAt: payment.at,
      },
      topUpSettled(
        [{ from: "provider", cash: "cash_stripe", amountMinor: amount.amountMinor }],
        accountId,
        amount,
      ),
    );
  }

  settlePayment(
    payment: { readonly id: string; readonly orderId: string; readonly at: Date },
    funds: Funds,
    total: Money,
    taxMinor: bigint,
  ): void {
    this.#book(
      {
        kind: "payment.settled",
        sourceId: payment.id,
        orderId: payment.orderId,
        ...(funds.from === "balance" ? { customerId: funds.accountId } : {}),
        bookedAt: payment.at,
      },
      paymentSettled([{ ...funds, amountMinor: total.amountMinor }], total, taxMinor),
    );
  }

  refundOrder(
    refund: {
      readonly id: string;
      readonly orderId: string;
      readonly reason: string;
      readonly at: Date;
    },
    funds: Funds,
    total: Money,
    taxMinor: bigint,
  ): void {
    this.#book(
      {
        kind: "order.refunded",
        sourceId: refund.id,
        orderId: refund.orderId,
        reason: refund.reason,
        bookedAt: refund.at,
      },
      paymentRefunded(
        funds.from === "balance" ? { to: "balance", accountId: funds.accountId } : { to: "origin" },
        total,
        taxMinor,
        // Nothing of an order that could not be done was earned.
        total.amountMinor - taxMinor,
      ),
    );
  }

  /** Something moved on the operator's account at the bank, and nobody knows yet whose it is. */
  moveAtBank(
    line: {
      readonly id: string;
      readonly staffId: string;
      readonly reason: string;
      readonly at: Date;
    },
    amount: Money,
  ): void {
    const { id: sourceId, at: bookedAt, ...who } = line;
    this.#book({ kind: "bank.moved", sourceId, bookedAt, ...who }, bankMoved(amount));
  }

  /** The provider paid a refund. */
  succeedRefund(
    refund: { readonly id: string; readonly orderId: string; readonly at: Date },
    cash: CashCode,
    amount: Money,
  ): void {
    this.#book(
      {
        kind: "refund.succeeded",
        sourceId: refund.id,
        orderId: refund.orderId,
        bookedAt: refund.at,
      },
      refundSucceeded(cash, amount),
    );
  }

  #book(source: JournalSource, booking: JournalLines): void {
    const id = uuidOf("journal", source.kind, source.sourceId);
    this.#rows.journals.push({
      id,
      kind: source.kind,
      sourceId: source.sourceId,
      currency: booking.currency,
      orderId: source.orderId ?? null,
      actorKind: actorKindOf(source),
      actorId: source.customerId ?? source.staffId ?? null,
      reason: source.reason ?? null,
      bookedAt: source.bookedAt,
    });
    booking.lines.forEach((line, index) => {
      this.#rows.ledgerEntries.push({
        id: uuidOf("entry", id, String(index)),
        journalId: id,
        ledgerAccountId: this.#account(line, booking.currency),
        amountMinor: line.amountMinor,
      });
      if (line.code === "customer_balance") this.#move(line, booking.currency);
    });
  }

  #account(line: EntryLine, currency: string): string {
    const { code } = line;
    const accountId = line.accountId ?? null;
    const id = ledgerAccountIdOf(code, currency, accountId);
    if (!this.#opened.has(id)) {
      this.#opened.add(id);
      this.#rows.ledgerAccounts.push({ id, code, currency, accountId });
    }
    return id;
  }

  #move(line: EntryLine, currency: string): void {
    const key = `${line.accountId} ${currency}`;
    const left = (this.#balances.get(key) ?? 0n) - line.amountMinor;
    if (left < 0n) throw new Error(`A story of the seed spends more than ${key} has`);
    this.#balances.set(key, left);
  }
}

function actorKindOf({ customerId, staffId }: JournalSource): string {
  if (customerId !== undefined) return "customer";
  return staffId === undefined ? "system" : "staff";
}

/** The id of a ledger account of the seed. */
export function ledgerAccountIdOf(
  code: EntryLine["code"],
  currency: string,
  accountId: string | null,
): string {
  return uuidOf("ledger account", code, currency, accountId ?? "");
}
