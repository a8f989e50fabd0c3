import { moneyOf, unitsOf } from "./amounts.ts";
import type { Money } from "./amounts.ts";
import { inWords, negative, refundedUnits } from "./captures.ts";
import { newDisputeId, newTransactionId } from "./ids.ts";
import { showDispute } from "./show.ts";
import { compact, vendorTime } from "./world.ts";
import type { KeptCapture, KeptDispute, PayPalWorld } from "./world.ts";

/** Event codes of transaction search: money held for a dispute, given free again, taken for good. */
const codes = { hold: "T1110", release: "T1111", reversal: "T1106" };

/** The payer opens a case: PayPal holds the money. */
export function openDispute(
  world: PayPalWorld,
  capture: KeptCapture,
  given: { amount: Money | null; reason: string },
): KeptDispute {
  const now = world.now();
  const left = unitsOf(capture.amount) - refundedUnits(world, capture.id);
  const dispute = world.save("dispute", {
    id: newDisputeId(),
    capture: capture.id,
    amount: given.amount ?? moneyOf(left, capture.amount.currency_code),
    reason: given.reason,
    status: "OPEN",
    outcome: null,
    createdAt: now,
    updatedAt: now,
  });
  book(world, capture, codes.hold, negative(dispute.amount));
  tell(
    world,
    dispute,
    "CUSTOMER.DISPUTE.CREATED",
    `A new dispute opened with Case # ${dispute.id}`,
  );
  return dispute;
}

/** The case ends: the money is free again, and taken for good when the buyer was right. */
export function closeDispute(
  world: PayPalWorld,
  dispute: KeptDispute,
  outcome: "won" | "lost",
): KeptDispute {
  const capture = world.get("capture", dispute.capture);
  const closed = world.save("dispute", {
    ...dispute,
    status: "RESOLVED",
    outcome: outcome === "won" ? "RESOLVED_SELLER_FAVOUR" : "RESOLVED_BUYER_FAVOUR",
    updatedAt: world.now(),
  });
  book(world, capture, codes.release, dispute.amount);
  tell(
    world,
    closed,
    "CUSTOMER.DISPUTE.RESOLVED",
    `A dispute was resolved with case # ${dispute.id}`,
  );
  if (outcome === "lost") reverseCapture(world, capture, dispute.amount);
  return closed;
}

/** PayPal takes money of a capture back. */
function reverseCapture(world: PayPalWorld, capture: KeptCapture, amount: Money): void {
  const id = book(world, capture, codes.reversal, negative(amount));
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
