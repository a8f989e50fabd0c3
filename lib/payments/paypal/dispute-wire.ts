import { z } from "zod";
import { addMoney, money, type Money } from "#lib/domain/money.ts";
import type { ProviderDispute } from "../port.ts";
import { fromPayPalAmount, PayPalMoneySchema, read, readable } from "./wire.ts";

/** The parts of PayPal's disputes (API customer-disputes v1, OpenAPI 1.10) that are believed. */
const id = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9-]+$/);
const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const ListSchema = z.object({
  items: z.array(z.object({ dispute_id: id, create_time: moment })).nullish(),
  links: z.array(z.object({ rel: z.string(), href: z.string() })).nullish(),
});

const MovementSchema = z.object({
  affected_party: z.string().nullish(),
  type: z.string().nullish(),
  amount: PayPalMoneySchema.nullish(),
  reason: z.string().nullish(),
});

const DisputeSchema = z.object({
  dispute_id: id,
  create_time: moment,
  reason: z.string().max(255),
  status: z.string(),
  dispute_amount: PayPalMoneySchema,
  dispute_life_cycle_stage: z.string().nullish(),
  dispute_outcome: z
    .object({ outcome_code: z.string().nullish(), amount_refunded: PayPalMoneySchema.nullish() })
    .nullish(),
  money_movements: z.array(MovementSchema).nullish(),
  seller_response_due_date: moment.nullish(),
});

type Dispute = z.infer<typeof DisputeSchema>;

const FEES = new Set(["DISPUTE_FEE", "CHARGEBACK_FEE", "DISPUTE_SETTLEMENT_FEE"]);
/** Outcomes after which the buyer has the money; after all others the seller keeps it, or PayPal paid. */
const LOST = new Set(["RESOLVED_BUYER_FAVOUR", "ACCEPTED"]);

/** One page of a list: the disputes in it, and the token of the next page. Throws `UnreadableAnswerError`. */
export function readDisputeList(answer: unknown): {
  disputes: { id: string; openedAt: Date }[];
  next: string | null;
} {
  const page = read(ListSchema, answer);
  const href = page.links?.find(({ rel }) => rel === "next")?.href;
  const next =
    href === undefined ? null : new URL(href, "https://x").searchParams.get("next_page_token");
  return {
    disputes: (page.items ?? []).map((item) => ({
      id: item.dispute_id,
      openedAt: item.create_time,
    })),
    next,
  };
}

const TransactionsSchema = z.object({
  disputed_transactions: z.array(
    z.object({ seller_transaction_id: z.string().max(255).nullish() }),
  ),
});

/** The captures that a dispute is about; only the dispute in full tells. Throws `UnreadableAnswerError`. */
export function readDisputedCaptures(answer: unknown): readonly string[] {
  return read(TransactionsSchema, answer).disputed_transactions.flatMap(
    (transaction) => transaction.seller_transaction_id ?? [],
  );
}

/**
 * A dispute in full, for the list does not tell what became of the money. What PayPal booked to us decides
 * where it says so; else the stage and the outcome do. An inquiry has taken nothing; from the stage
 * CHARGEBACK on PayPal holds the money. The amount of one that is lost is what was lost. Throws
 * `UnreadableAnswerError`.
 */
export function readDispute(answer: unknown): ProviderDispute {
  const dispute = read(DisputeSchema, answer);
  const isResolved = dispute.status === "RESOLVED";
  const disputed = readable(() => fromPayPalAmount(dispute.dispute_amount));
  const taken = sumOf(dispute, (reason) => !FEES.has(reason));
  const state = isResolved ? resolvedAs(dispute, taken) : openAs(dispute, taken);
  const fee = sumOf(dispute, (reason) => FEES.has(reason));
  return {
    providerReference: dispute.dispute_id,
    amount: state === "lost" ? lostAmount(dispute, taken, disputed) : disputed,
    state,
    reason: dispute.reason,
    openedAt: dispute.create_time,
    respondBy: isResolved ? null : (dispute.seller_response_due_date ?? null),
    fee: fee === null || fee.amountMinor <= 0n ? null : fee,
  };
}

function resolvedAs(dispute: Dispute, taken: Money | null): "won" | "lost" {
  if (taken !== null) return taken.amountMinor > 0n ? "lost" : "won";
  return LOST.has(dispute.dispute_outcome?.outcome_code ?? "") ? "lost" : "won";
}

function openAs(dispute: Dispute, taken: Money | null): "inquiry" | "open" {
  const isAsked = dispute.dispute_life_cycle_stage === "INQUIRY";
  return isAsked && (taken === null || taken.amountMinor <= 0n) ? "inquiry" : "open";
}

/** In the payment's currency; the account's own may be another, in which PayPal books. */
function lostAmount(dispute: Dispute, taken: Money | null, disputed: Money): Money {
  if (taken?.currency === disputed.currency) return taken;
  const refunded = dispute.dispute_outcome?.amount_refunded;
  return refunded ? readable(() => fromPayPalAmount(refunded)) : disputed;
}

/**
 * What was booked to us for such reasons, less what was given back; null when PayPal tells of no booking
 * for them, to whomever.
 */
function sumOf(dispute: Dispute, isCounted: (reason: string) => boolean): Money | null {
  const amounts = (dispute.money_movements ?? []).flatMap(
    ({ affected_party: party, type, amount, reason }) => {
      if (!isCounted(reason ?? "") || !amount || (type !== "DEBIT" && type !== "CREDIT")) return [];
      const { amountMinor, currency } = readable(() => fromPayPalAmount(amount));
      if (party !== "SELLER") return [money(0n, currency)];
      return [money(type === "DEBIT" ? amountMinor : -amountMinor, currency)];
    },
  );
  const [first] = amounts;
  if (first === undefined) return null;
  return amounts.slice(1).reduce((sum, each) => readable(() => addMoney(sum, each)), first);
}
