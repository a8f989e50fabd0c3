import { money, type Money } from "#lib/domain/money.ts";
import type {
  PaymentAdapter,
  PaymentReport,
  ProviderDispute,
  ProviderRefund,
  RefundOutcome,
} from "#lib/payments/port.ts";

type PageState = "open" | "processing" | "approved" | "paid" | "failed" | "expired";

/** What the provider has of one payment. */
export interface Page {
  readonly reference: string;
  readonly paymentId: string;
  readonly amount: Money;
  state: PageState;
  readonly refunds: Change<ProviderRefund>[];
  readonly disputes: Change<ProviderDispute>[];
}

type Change<T> = { -readonly [K in keyof T]: T[K] };

/** What the provider keeps of a payment for itself: 3 in 100, rounded down. */
const FEE_PERCENT = 3n;
const DISPUTE_FEE_MINOR = 15n;

/**
 * A payment provider in the memory of a test: the same port as the real adapters, without the wire, which
 * tests/contract/ proves of each of them against its stand-in. `capturing`: takes money on our word only.
 */
export class ProviderDouble {
  readonly adapter: PaymentAdapter;
  /** How the next refunds go. */
  refundsGo: "at once" | "slowly" | "nowhere" = "at once";
  readonly #pages = new Map<string, Page>();
  /** Refunds that were refused and left no trace, by our id. */
  readonly refused = new Set<string>();
  #count = 0;

  constructor(id: PaymentAdapter["id"], capturing: boolean) {
    this.adapter = this.#adapter(id, capturing);
  }

  page(reference: string): Page {
    const page = this.#pages.get(reference);
    if (page === undefined) throw new Error(`No page ${reference}`);
    return page;
  }

  /** What the provider holds for the operator, by currency: captured, less what went back, less its fees. */
  held(): Map<string, bigint> {
    const held = new Map<string, bigint>();
    for (const page of this.#pages.values()) {
      const { currency } = page.amount;
      held.set(currency, (held.get(currency) ?? 0n) + heldOf(page));
    }
    return held;
  }

  /** A refund made on the provider's own site. */
  refundByHand(page: Page, amountMinor: bigint): ProviderRefund {
    const refund = this.#refund(page, null, amountMinor, "succeeded");
    page.refunds.push(refund);
    return refund;
  }

  /** The customer contests a payment. */
  contest(page: Page, amountMinor: bigint, state: "inquiry" | "open"): Change<ProviderDispute> {
    const dispute: Change<ProviderDispute> = {
      providerReference: this.#id("dp"),
      amount: money(amountMinor, page.amount.currency),
      state,
      reason: "not_as_described",
      openedAt: new Date(),
      respondBy: null,
      fee: state === "open" ? money(DISPUTE_FEE_MINOR, page.amount.currency) : null,
    };
    page.disputes.push(dispute);
    return dispute;
  }

  #id(kind: string): string {
    this.#count += 1;
    return `${kind}_${this.adapter.id}_${this.#count}`;
  }

  #refund(
    page: Page,
    refundId: string | null,
    amountMinor: bigint,
    state: ProviderRefund["state"],
  ): Change<ProviderRefund> {
    const amount = money(amountMinor, page.amount.currency);
    return { providerReference: this.#id("re"), refundId, amount, state, reason: null };
  }

  #adapter(id: PaymentAdapter["id"], capturing: boolean): PaymentAdapter {
    const find = (reference: string): PaymentReport | null => {
      const page = this.#pages.get(reference);
      return page === undefined ? null : reportOf(page);
    };
    return {
      id,
      live: false,
      listingLagMinutes: 0,
      canTake: () => true,
      start: async ({ paymentId, amount, expiresAt }) => {
        // The payment's id is the key: the same page again.
        const reference = `page_${paymentId}`;
        if (!this.#pages.has(reference)) {
          const page: Page = {
            reference,
            paymentId,
            amount,
            state: "open",
            refunds: [],
            disputes: [],
          };
          this.#pages.set(reference, page);
        }
        return {
          kind: "redirect",
          providerReference: reference,
          url: "https://pay.example",
          expiresAt,
        };
      },
      find: async (reference) => find(reference),
      ...(capturing
        ? {
            capture: async (reference: string, paymentId: string) => {
              const page = this.page(reference);
              if (page.paymentId === paymentId && page.state === "approved") page.state = "paid";
              return reportOf(page);
            },
          }
        : {}),
      expire: async (reference) => {
        const page = this.page(reference);
        if (page.state === "open") page.state = "expired";
        // What waits for our word is simply not taken.
        return page.state === "approved" ? { ...reportOf(page), state: "expired" } : reportOf(page);
      },
      refund: async ({ refundId, providerPaymentId, amount }): Promise<RefundOutcome> => {
        const page = this.page(providerPaymentId.replace("pay_", ""));
        const known = page.refunds.find((refund) => refund.refundId === refundId);
        if (known !== undefined) return outcomeOf(known);
        if (this.refundsGo === "nowhere" || amount.amountMinor > refundable(page)) {
          this.refused.add(refundId);
          return { kind: "failed", reason: "refused", providerReference: null };
        }
        const state = this.refundsGo === "at once" ? "succeeded" : "pending";
        const refund = this.#refund(page, refundId, amount.amountMinor, state);
        page.refunds.push(refund);
        return outcomeOf(refund);
      },
      findRefund: async (reference) => {
        const all = [...this.#pages.values()].flatMap(({ refunds }) => refunds);
        const refund = all.find(({ providerReference }) => providerReference === reference);
        return refund === undefined ? { kind: "unknown", reason: "not known" } : outcomeOf(refund);
      },
      listRefunds: async (key) => this.page(key.providerReference).refunds,
      listDisputes: async (key) => this.page(key.providerReference).disputes,
      forgetMethod: async () => undefined,
      async *listPayments() {
        // Not asked for here.
      },
      parseWebhook: async () => ({ kind: "malformed", reason: "not asked for here" }),
    };
  }
}

function reportOf(page: Page): PaymentReport {
  const isPaid = page.state === "paid";
  const state = ({ open: "pending", paid: "settled" } as const)[page.state as "open" | "paid"];
  return {
    paymentId: page.paymentId,
    state: state ?? (page.state as Exclude<PageState, "open" | "paid">),
    captured: isPaid ? page.amount : null,
    refundedMinor: 0n,
    fee: isPaid ? money(feeOf(page), page.amount.currency) : null,
    methodType: null,
    savedMethod: null,
    providerPaymentId: isPaid ? `pay_${page.reference}` : null,
    live: false,
    reason: null,
  };
}

export function feeOf(page: Page): bigint {
  return (page.amount.amountMinor * FEE_PERCENT) / 100n;
}

function outcomeOf({ state, providerReference }: ProviderRefund): RefundOutcome {
  return state === "failed"
    ? { kind: "failed", reason: "returned", providerReference }
    : { kind: state, providerReference };
}

const sum = (parts: readonly { readonly amount: Money }[]): bigint =>
  parts.reduce((total, { amount }) => total + amount.amountMinor, 0n);

/** What the provider would still give back of a payment. */
export function refundable(page: Page): bigint {
  if (page.state !== "paid") return 0n;
  const back = page.refunds.filter(({ state }) => state !== "failed");
  const contested = page.disputes.filter(({ state }) => state === "open" || state === "lost");
  return page.amount.amountMinor - sum(back) - sum(contested);
}

function heldOf(page: Page): bigint {
  if (page.state !== "paid") return 0n;
  const back = page.refunds.filter(({ state }) => state === "succeeded");
  const contested = page.disputes.filter(({ state }) => state === "open" || state === "lost");
  const fees = page.disputes.reduce((total, { fee }) => total + (fee?.amountMinor ?? 0n), 0n);
  return page.amount.amountMinor - feeOf(page) - sum(back) - sum(contested) - fees;
}
