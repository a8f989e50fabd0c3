import { moneyOf, unitsOf } from "./amounts.ts";
import type { Money } from "./amounts.ts";
import type { Call } from "./call.ts";
import { inWords, negative, refundedUnits } from "./captures.ts";
import { newDisputeId, newTransactionId } from "./ids.ts";
import { disputeQuery, noQuery, read } from "./requests.ts";
import { showDispute, summaryOfDispute } from "./show.ts";
import { compact, vendorTime } from "./world.ts";
import type { KeptCapture, KeptDispute, PayPalWorld } from "./world.ts";

/** Event codes of transaction search: money held for a dispute, given free again, taken for good, a dispute's fee. */
const codes = { hold: "T1110", release: "T1111", reversal: "T1106", fee: "T0114" };

const day = 24 * 3_600_000;
/** How long the shop has to answer. */
const answerWithinMs = 10 * day;

/** The payer opens a case. In an inquiry PayPal only asks; after it, PayPal holds the money. */
export function openDispute(
  world: PayPalWorld,
  capture: KeptCapture,
  given: Pick<KeptDispute, "reason" | "stage" | "fee"> & { amount: Money | null },
): KeptDispute {
  const now = world.now();
  const left = unitsOf(capture.amount) - refundedUnits(world, capture.id);
  const dispute = world.save("dispute", {
    id: newDisputeId(),
    capture: capture.id,
    amount: given.amount ?? moneyOf(left, capture.amount.currency_code),
    reason: given.reason,
    stage: given.stage,
    status: "WAITING_FOR_SELLER_RESPONSE",
    outcome: null,
    fee: given.fee,
    respondBy: now + answerWithinMs,
    createdAt: now,
    updatedAt: now,
  });
  if (dispute.stage !== "INQUIRY") book(world, capture, codes.hold, negative(dispute.amount));
  tell(
    world,
    dispute,
    "CUSTOMER.DISPUTE.CREATED",
    `A new dispute opened with Case # ${dispute.id}`,
  );
  return dispute;
}

/** An inquiry becomes a claim: PayPal holds the money and decides. */
export function escalateDispute(world: PayPalWorld, dispute: KeptDispute): KeptDispute {
  const claim = world.save("dispute", {
    ...dispute,
    stage: "CHARGEBACK",
    status: "UNDER_REVIEW",
    updatedAt: world.now(),
  });
  book(world, world.get("capture", dispute.capture), codes.hold, negative(dispute.amount));
  tell(world, claim, "CUSTOMER.DISPUTE.UPDATED", `A dispute was updated with case # ${claim.id}`);
  return claim;
}

const outcomeCodes = {
  won: "RESOLVED_SELLER_FAVOUR",
  lost: "RESOLVED_BUYER_FAVOUR",
  cancelled: "CANCELED_BY_BUYER",
} as const;

/** How a case can end; `cancelled`: the payer takes it back. */
export const disputeOutcomes = ["won", "lost", "cancelled"] as const;

/** The case ends: the money is free again, and taken for good when the buyer was right. */
export function closeDispute(
  world: PayPalWorld,
  dispute: KeptDispute,
  outcome: (typeof disputeOutcomes)[number],
): KeptDispute {
  const capture = world.get("capture", dispute.capture);
  const closed = world.save("dispute", {
    ...dispute,
    status: "RESOLVED",
    outcome: outcomeCodes[outcome],
    updatedAt: world.now(),
  });
  if (dispute.stage !== "INQUIRY") book(world, capture, codes.release, dispute.amount);
  tell(
    world,
    closed,
    "CUSTOMER.DISPUTE.RESOLVED",
    `A dispute was resolved with case # ${dispute.id}`,
  );
  if (outcome === "lost") reverseCapture(world, capture, closed);
  return closed;
}

/** What the disputes of a capture hold back or have taken, in smallest units. */
export function disputedUnits(world: PayPalWorld, capture: string): bigint {
  return world
    .list("dispute", { capture })
    .filter(({ stage, outcome }) =>
      outcome === null ? stage !== "INQUIRY" : outcome === "RESOLVED_BUYER_FAVOUR",
    )
    .reduce((sum, { amount }) => sum + unitsOf(amount), 0n);
}

/** `GET /v1/customer/disputes`: newest first, what is asked for by its capture only. */
export function listDisputes({ world, query }: Call) {
  const wanted = read(disputeQuery, query, "query");
  const { disputed_transaction_id: capture, page_size: size, next_page_token: token } = wanted;
  const all = world.list("dispute", capture === undefined ? {} : { capture });
  const from = token === undefined ? 0 : Number(Buffer.from(token, "base64").toString());
  const self = `${world.baseUrl()}/v1/customer/disputes`;
  const link = (rel: string, more: Record<string, string>) => ({
    href: `${self}?${new URLSearchParams({ ...query, ...more })}`,
    rel,
    method: "GET",
  });
  const next = Buffer.from(String(from + size)).toString("base64");
  const shown = all.slice(from, from + size);
  return {
    status: 200,
    body: {
      ...(shown.length > 0 ? { items: shown.map((each) => summaryOfDispute(world, each)) } : {}),
      links: [
        link("self", {}),
        ...(from + size < all.length ? [link("next", { next_page_token: next })] : []),
      ],
    },
  };
}

export function showOneDispute({ world, id, query }: Call) {
  read(noQuery, query, "query");
  return { status: 200, body: showDispute(world, world.get("dispute", id)) };
}

/** PayPal takes money of a capture back. */
function reverseCapture(world: PayPalWorld, capture: KeptCapture, dispute: KeptDispute): void {
  const { amount, fee } = dispute;
  const id = book(world, capture, codes.reversal, negative(amount));
  if (fee) book(world, capture, codes.fee, negative(fee));
  world.emit({
    type: "PAYMENT.CAPTURE.REVERSED",
    resourceType: "refund",
    summary: `A ${inWords(amount)} capture payment was reversed`,
    resource: compact({
      id,
      status: "COMPLETED",
      amount,
      custom_id: capture.customId,
      invoice_id: capture.invoiceId,
      create_time: vendorTime(world.now()),
      update_time: vendorTime(world.now()),
      links: [
        { href: `${world.baseUrl()}/v2/payments/refunds/${id}`, rel: "self", method: "GET" },
        {
          href: `${world.baseUrl()}/v2/payments/captures/${capture.id}`,
          rel: "up",
          method: "GET",
        },
      ],
    }),
  });
}

function tell(world: PayPalWorld, dispute: KeptDispute, type: string, summary: string): void {
  const resource = showDispute(world, dispute);
  world.emit({ type, resourceType: "dispute", summary, resource });
}

function book(world: PayPalWorld, capture: KeptCapture, code: string, amount: Money): string {
  const now = world.now();
  const id = newTransactionId();
  world.save("transaction", {
    id,
    transactionId: id,
    reference: capture.id,
    code,
    status: "S",
    amount,
    fee: null,
    customId: capture.customId,
    invoiceId: capture.invoiceId,
    payer: null,
    createdAt: now,
    updatedAt: now,
    writtenAt: world.standIn.clock.wall(),
  });
  return id;
}
