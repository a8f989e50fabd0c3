import { fromPayPalAmount } from "#lib/payments/paypal/wire.ts";
import type { Portal } from "./portal.ts";

/** What an order came to: in the books, at the payment provider and at the carrier. */
export interface OrderMoney {
  readonly state: string;
  readonly currency: string;
  readonly totalMinor: bigint;
  readonly paidMinor: bigint;
  readonly refundedMinor: bigint;
  /** What providers have taken for it and kept or given back, in their units; one number for each payment that captured. */
  readonly captured: readonly number[];
  readonly returned: number;
  /** Successful top-ups at the carrier under our references for it. */
  readonly topUps: number;
}

/** Reads both truths about an order: the audit views and the stand-ins. */
export async function findMoney(portal: Portal, orderNumber: string): Promise<OrderMoney> {
  const [order] = await portal.rows<{
    state: string;
    currency: string;
    total_minor: string;
    paid_minor: string;
    refunded_minor: string;
  }>(
    "SELECT state, currency, total_minor, paid_minor, refunded_minor FROM audit.orders WHERE order_number = $1",
    [orderNumber],
  );
  if (order === undefined) throw new Error(`No order ${orderNumber}`);
  const payments = await portal.rows<{ payment_id: string }>(
    "SELECT payment_id FROM audit.payments WHERE order_number = $1",
    [orderNumber],
  );
  const references = await portal.rows<{ our_reference: string }>(
    "SELECT our_reference FROM audit.activations WHERE order_number = $1",
    [orderNumber],
  );
  const atStripe = (await portal.standIns.stripe.state()).payments.filter((payment) =>
    payments.some(({ payment_id: id }) => payment.metadata["payment_id"] === id),
  );
  const atPayPal = (await portal.standIns.paypal.state()).captures
    .filter((capture) => payments.some(({ payment_id: id }) => capture.customId === id))
    .map((capture) => ({
      captured: paypalUnits(capture.captured, capture.currency),
      refunded: paypalUnits(capture.refunded, capture.currency),
    }));
  const held = [...atStripe, ...atPayPal];
  const { topUps } = await portal.standIns.esimAccess.state();
  return {
    state: order.state,
    currency: order.currency,
    totalMinor: BigInt(order.total_minor),
    paidMinor: BigInt(order.paid_minor),
    refundedMinor: BigInt(order.refunded_minor),
    captured: held.map(({ captured }) => captured).filter((amount) => amount > 0),
    returned: held.reduce((sum, { refunded }) => sum + refunded, 0),
    topUps: topUps.filter(({ transactionId }) =>
      references.some((each) => each.our_reference === transactionId),
    ).length,
  };
}

function paypalUnits(value: string, currency: string): number {
  return Number(fromPayPalAmount({ currency_code: currency, value }).amountMinor);
}

/** How many orders a customer has. */
export async function countOrders(portal: Portal, email: string): Promise<number> {
  const [found] = await portal.rows<{ count: string }>(
    "SELECT count(*) FROM audit.orders WHERE customer_email = $1",
    [email],
  );
  return Number(found?.count);
}
