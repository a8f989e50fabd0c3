import { feeOf, type Page } from "./provider-double.ts";
import type { Renewer } from "./world.ts";

/** A customer with what they should hold, in minor units of their currency. */
export interface Holder {
  readonly renewer: Renewer;
  readonly currency: string;
  balance: bigint;
  reserved: bigint;
  owed: bigint;
}

/** `open`: to be paid out. `done`: paid out, or on the balance. `failed`: still owed. */
export interface ModelRefund {
  id: string | null;
  readonly amount: bigint;
  readonly toBalance: boolean;
  /** The provider's, when it was made there. */
  readonly reference: string | null;
  state: "open" | "done" | "failed" | "redirected";
}

export interface ModelDispute {
  readonly reference: string;
  readonly amount: bigint;
  state: "inquiry" | "open" | "won" | "lost";
  feeTaken: boolean;
}

/** A part of what is paid for an order. */
export interface Part {
  readonly id: string;
  readonly adapter: "stripe" | "paypal" | "bank_transfer" | "balance";
  readonly amount: bigint;
  /** Null only of a balance. */
  readonly reference: string | null;
  state: "open" | "reserved" | "settled" | "closed";
  processing: boolean;
  /** What short transfers brought. */
  kept: bigint;
  readonly refunds: ModelRefund[];
  readonly disputes: ModelDispute[];
}

export interface ModelOrder {
  readonly id: string;
  readonly number: string;
  readonly holder: Holder;
  readonly kind: "renewal" | "topup";
  readonly parts: readonly Part[];
  state: "open" | "paid" | "completed" | "over";
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const total = (list: readonly { readonly amount: bigint }[]): bigint =>
  list.reduce((sum, each) => sum + each.amount, 0n);

/** Whether a provider can pay back what a part brought. */
export const hasProvider = ({ adapter }: Part): boolean =>
  adapter === "stripe" || adapter === "paypal";

/** What can still be given back of a part, by what is known here. */
export function leftOf(part: Part): bigint {
  const contested = part.disputes.filter(({ state }) => state === "open" || state === "lost");
  return part.amount - total(part.refunds) - total(contested);
}

/**
 * What customers should hold and providers should hold for the operator, told by nothing but what happened:
 * a small second opinion on the services, without a database.
 */
export class MoneyModel {
  readonly holders: Holder[] = [];
  readonly orders: ModelOrder[] = [];
  /** What is at providers and bank by our knowledge: `cash_stripe EUR`. */
  readonly cash = new Map<string, bigint>();
  /** At the bank, and nobody's yet. */
  readonly suspense = new Map<string, bigint>();

  add(order: ModelOrder): void {
    this.orders.push(order);
  }

  /** A provider's payment, as the provider has it, became known here. */
  learn(order: ModelOrder, part: Part, page: Page): void {
    if (part.state === "settled") return;
    if (page.state === "paid") {
      this.move(part, part.amount - feeOf(page), order);
      this.settle(order, part);
    } else if (part.state === "open") {
      if (page.state === "failed" || page.state === "expired") this.close(order, part);
      else part.processing = page.state === "processing";
    }
  }

  /** All of a part is there; the order goes on, or the money straight back when it is over. */
  settle(order: ModelOrder, part: Part): void {
    const { holder } = order;
    part.state = "settled";
    if (order.kind === "topup") holder.balance += part.amount;
    if (order.state === "over") {
      this.giveAllBack(order);
      return;
    }
    for (const other of order.parts) {
      if (other.state !== "reserved") continue;
      other.state = "settled";
      holder.reserved -= other.amount;
    }
    order.state = order.kind === "topup" ? "completed" : "paid";
    if (order.kind === "topup") {
      const paid = least(holder.owed, holder.balance);
      holder.owed -= paid;
      holder.balance -= paid;
    }
  }

  /** A part was not paid, so the order is over; what was set aside is free again. */
  close(order: ModelOrder, part: Part): void {
    const { holder } = order;
    part.state = "closed";
    for (const other of order.parts) {
      if (other.state !== "reserved") continue;
      other.state = "closed";
      holder.reserved -= other.amount;
      holder.balance += other.amount;
    }
    holder.reserved -= part.kept;
    holder.balance += part.kept;
    part.kept = 0n;
    if (order.state === "open") order.state = "over";
  }

  /** A part of what was paid goes back. */
  giveBack(
    order: ModelOrder,
    part: Part,
    amount: bigint,
    how: { readonly toBalance?: boolean; readonly reference?: string } = {},
  ): ModelRefund {
    const { holder } = order;
    const toBalance = how.toBalance === true || !hasProvider(part);
    if (order.kind === "topup") {
      const there = least(holder.balance, amount);
      holder.balance -= there;
      holder.owed += amount - there;
    } else if (toBalance) {
      holder.balance += amount;
    }
    const refund: ModelRefund = {
      id: null,
      amount,
      toBalance,
      reference: how.reference ?? null,
      state: toBalance ? "done" : "open",
    };
    part.refunds.push(refund);
    return refund;
  }

  /** Whatever was paid goes back, and the order is over. */
  giveAllBack(order: ModelOrder): void {
    for (const part of order.parts) {
      if (part.state !== "settled" || (order.kind === "topup" && !hasProvider(part))) continue;
      const left = leftOf(part);
      if (left > 0n) this.giveBack(order, part, left);
    }
    order.state = "over";
  }

  /** How our open refunds of a part ended at the provider, which was asked about them. */
  learnRefunds(
    order: ModelOrder,
    part: Part,
    asked: readonly ModelRefund[],
    page: Page,
    refused: ReadonlySet<string>,
  ): void {
    for (const refund of asked) {
      if (refund.state !== "open") continue;
      if (refund.id !== null && refused.has(refund.id)) refund.state = "failed";
      else this.#follow(order, part, page, refund);
    }
  }

  /** Everything that was done with a settled part at its provider became known here. */
  mirror(order: ModelOrder, part: Part, page: Page): void {
    if (part.state !== "settled") return;
    for (const there of page.refunds) {
      const known = part.refunds.find((refund) => isSame(refund, there));
      if (known === undefined && there.state === "failed") continue;
      const refund =
        known ??
        this.giveBack(order, part, there.amount.amountMinor, {
          reference: there.providerReference,
        });
      this.#follow(order, part, page, refund);
    }
    for (const there of page.disputes) {
      const known = part.disputes.find((each) => each.reference === there.providerReference);
      const before = known?.state ?? null;
      if (before === there.state || before === "won" || before === "lost") continue;
      const amount = there.amount.amountMinor;
      const dispute: ModelDispute = known ?? {
        reference: there.providerReference,
        amount,
        state: there.state,
        feeTaken: false,
      };
      if (known === undefined) part.disputes.push(dispute);
      dispute.state = there.state;
      const wasTaken = before === "open";
      if (!wasTaken && (there.state === "open" || there.state === "lost")) {
        this.#takeDisputed(order, part, amount);
      }
      if (wasTaken && there.state === "won") this.#returnDisputed(order, part, amount);
      // Who got nothing for it gets back what came back.
      if (there.state === "won" && order.state === "over") this.giveAllBack(order);
      if (there.fee !== null && !dispute.feeTaken) {
        dispute.feeTaken = true;
        this.move(part, -there.fee.amountMinor, order);
      }
    }
  }

  /** Cash of a provider, or of the bank, by our books. */
  move(part: Pick<Part, "adapter">, amount: bigint, order: ModelOrder): void {
    const code = { stripe: "cash_stripe", paypal: "cash_paypal", bank_transfer: "cash_bank" };
    if (part.adapter === "balance") throw new Error("A balance is no cash");
    const key = `${code[part.adapter]} ${order.holder.currency}`;
    this.cash.set(key, (this.cash.get(key) ?? 0n) + amount);
  }

  #follow(order: ModelOrder, part: Part, page: Page, refund: ModelRefund): void {
    const there = page.refunds.find((each) => isSame(refund, each));
    if (there === undefined) return;
    if (there.state === "succeeded" && refund.state === "open") {
      refund.state = "done";
      this.move(part, -refund.amount, order);
    }
    if (there.state !== "failed") return;
    if (refund.state === "done") this.move(part, refund.amount, order);
    if (refund.state === "open" || refund.state === "done") refund.state = "failed";
  }

  #takeDisputed(order: ModelOrder, part: Part, amount: bigint): void {
    this.move(part, -amount, order);
    if (order.kind !== "topup") return;
    const there = least(order.holder.balance, amount);
    order.holder.balance -= there;
    order.holder.owed += amount - there;
  }

  #returnDisputed(order: ModelOrder, part: Part, amount: bigint): void {
    this.move(part, amount, order);
    if (order.kind !== "topup") return;
    const paid = least(order.holder.owed, amount);
    order.holder.owed -= paid;
    order.holder.balance += amount - paid;
  }
}

function isSame(
  refund: ModelRefund,
  there: { readonly refundId: string | null; readonly providerReference: string },
): boolean {
  return refund.reference === null
    ? refund.id !== null && refund.id === there.refundId
    : refund.reference === there.providerReference;
}
