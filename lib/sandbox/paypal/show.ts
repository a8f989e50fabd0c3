import { feeOf, moneyOf, unitsOf } from "./amounts.ts";
import type { Link } from "./errors.ts";
import { compact, vendorTime } from "./world.ts";
import type { KeptCapture, KeptDispute, KeptOrder, KeptRefund, KeptToken } from "./world.ts";
import type { PayPalWorld } from "./world.ts";

/** Where the payer approves (or approves again). */
export function payerAddress(world: PayPalWorld, order: string): string {
  return `${world.baseUrl()}/checkoutnow?token=${order}`;
}

function orderLinks(world: PayPalWorld, order: KeptOrder): Link[] {
  const self = `${world.baseUrl()}/v2/checkout/orders/${order.id}`;
  const links: Link[] = [{ href: self, rel: "self", method: "GET" }];
  if (order.status === "COMPLETED" || order.status === "VOIDED") return links;
  if (order.status === "PAYER_ACTION_REQUIRED") {
    return [...links, { href: payerAddress(world, order.id), rel: "payer-action", method: "GET" }];
  }
  if (order.status === "CREATED") {
    links.push({ href: payerAddress(world, order.id), rel: "approve", method: "GET" });
  }
  links.push({ href: self, rel: "update", method: "PATCH" });
  links.push({ href: `${self}/capture`, rel: "capture", method: "POST" });
  return links;
}

/** An order with nothing but id, status and links, which is what PayPal gives unless asked for more. */
export function minimalOrder(world: PayPalWorld, order: KeptOrder): object {
  return { id: order.id, status: order.status, links: orderLinks(world, order) };
}

/** A whole order, with its captures and refunds. */
export function wholeOrder(world: PayPalWorld, order: KeptOrder): object {
  const captures = world.list("capture", { order: order.id }).toReversed();
  const refunds = captures.flatMap(({ id }) => world.list("refund", { capture: id }).toReversed());
  const payments = {
    captures: captures.map((capture) => showCapture(world, capture)),
    ...(refunds.length > 0 ? { refunds: refunds.map((each) => showRefund(world, each)) } : {}),
  };
  const { payer } = order;
  return compact({
    id: order.id,
    intent: "CAPTURE",
    status: order.status,
    payment_source: order.hasSource ? { paypal: wallet(world, order) } : undefined,
    purchase_units: [{ ...order.unit, ...(captures.length > 0 ? { payments } : {}) }],
    payer: payer
      ? {
          name: { given_name: payer.givenName, surname: payer.surname },
          email_address: payer.email,
          payer_id: payer.accountId,
        }
      : undefined,
    create_time: vendorTime(order.createdAt),
    update_time: order.updatedAt === order.createdAt ? undefined : vendorTime(order.updatedAt),
    links: orderLinks(world, order),
  });
}

function wallet(world: PayPalWorld, order: KeptOrder): object {
  const { payer } = order;
  const token = order.token ? world.find("token", order.token) : null;
  return compact({
    email_address: payer?.email,
    account_id: payer?.accountId,
    account_status: payer ? "VERIFIED" : undefined,
    name: payer ? { given_name: payer.givenName, surname: payer.surname } : undefined,
    attributes: token
      ? {
          vault: {
            id: token.id,
            status: "VAULTED",
            customer: { id: token.customer },
            links: tokenLinks(world, token.id),
          },
        }
      : isWaitingForToken(order)
        ? {
            vault: {
              status: "APPROVED",
              links: [
                {
                  href: `${world.baseUrl()}/v2/checkout/orders/${order.id}`,
                  rel: "up",
                  method: "GET",
                },
              ],
            },
          }
        : undefined,
  });
}

function isWaitingForToken(order: KeptOrder): boolean {
  return order.vault !== null && order.status === "COMPLETED" && order.token === null;
}

/** A captured payment. `related` adds the order's id, as the payments API and its events do. */
export function showCapture(world: PayPalWorld, capture: KeptCapture, related = false): object {
  const self = `${world.baseUrl()}/v2/payments/captures/${capture.id}`;
  const fee = feeOf(capture.amount);
  const net = unitsOf(capture.amount) - unitsOf(fee);
  return compact({
    id: capture.id,
    status: capture.status,
    status_details: capture.reason ? { reason: capture.reason } : undefined,
    amount: capture.amount,
    final_capture: true,
    seller_protection: { status: "NOT_ELIGIBLE" },
    seller_receivable_breakdown:
      capture.status === "PENDING" || capture.status === "DECLINED"
        ? undefined
        : {
            gross_amount: capture.amount,
            paypal_fee: fee,
            net_amount: moneyOf(net, capture.amount.currency_code),
          },
    invoice_id: capture.invoiceId,
    custom_id: capture.customId,
    supplementary_data: related ? { related_ids: { order_id: capture.order } } : undefined,
    links: [
      { href: self, rel: "self", method: "GET" },
      { href: `${self}/refund`, rel: "refund", method: "POST" },
      { href: `${world.baseUrl()}/v2/checkout/orders/${capture.order}`, rel: "up", method: "GET" },
    ],
    create_time: vendorTime(capture.createdAt),
    update_time: vendorTime(capture.updatedAt),
  });
}

function refundLinks(world: PayPalWorld, refund: KeptRefund): Link[] {
  return [
    { href: `${world.baseUrl()}/v2/payments/refunds/${refund.id}`, rel: "self", method: "GET" },
    { href: `${world.baseUrl()}/v2/payments/captures/${refund.capture}`, rel: "up", method: "GET" },
  ];
}

export function minimalRefund(world: PayPalWorld, refund: KeptRefund): object {
  return { id: refund.id, status: refund.status, links: refundLinks(world, refund) };
}

export function showRefund(world: PayPalWorld, refund: KeptRefund): object {
  const none = moneyOf(0n, refund.amount.currency_code);
  return compact({
    id: refund.id,
    status: refund.status,
    status_details: refund.reason ? { reason: refund.reason } : undefined,
    amount: refund.amount,
    invoice_id: refund.invoiceId,
    custom_id: refund.customId,
    note_to_payer: refund.note,
    seller_payable_breakdown: {
      gross_amount: refund.amount,
      paypal_fee: none,
      net_amount: refund.amount,
      total_refunded_amount: refund.totalRefunded,
    },
    links: refundLinks(world, refund),
    create_time: vendorTime(refund.createdAt),
    update_time: vendorTime(refund.updatedAt),
  });
}

function disputeLink(world: PayPalWorld, dispute: KeptDispute): Link {
  return {
    href: `${world.baseUrl()}/v1/customer/disputes/${dispute.id}`,
    rel: "self",
    method: "GET",
  };
}

/** What the list of disputes tells of one. */
export function summaryOfDispute(world: PayPalWorld, dispute: KeptDispute): object {
  return compact({
    dispute_id: dispute.id,
    create_time: vendorTime(dispute.createdAt),
    update_time: vendorTime(dispute.updatedAt),
    reason: dispute.reason,
    status: dispute.status,
    dispute_state: dispute.status === "RESOLVED" ? "RESOLVED" : "REQUIRED_ACTION",
    dispute_amount: dispute.amount,
    dispute_life_cycle_stage: dispute.stage,
    dispute_channel: "INTERNAL",
    seller_response_due_date:
      dispute.status === "RESOLVED" ? undefined : vendorTime(dispute.respondBy),
    links: [disputeLink(world, dispute)],
  });
}

/** A dispute in full, as its own address and its events show it. */
export function showDispute(world: PayPalWorld, dispute: KeptDispute): object {
  const capture = world.get("capture", dispute.capture);
  const { dispute_state: _state, ...summary } = summaryOfDispute(world, dispute) as Record<
    string,
    unknown
  >;
  const movements = movementsOf(dispute);
  return compact({
    ...summary,
    disputed_transactions: [
      compact({
        seller_transaction_id: capture.id,
        create_time: vendorTime(capture.createdAt),
        custom: capture.customId,
        invoice_number: capture.invoiceId,
        transaction_status: dispute.outcome === "RESOLVED_BUYER_FAVOUR" ? "REVERSED" : "COMPLETED",
        gross_amount: capture.amount,
        seller: { merchant_id: "SANDB0XMERCHANT" },
      }),
    ],
    dispute_outcome: dispute.outcome
      ? compact({
          outcome_code: dispute.outcome,
          amount_refunded: dispute.outcome === "RESOLVED_BUYER_FAVOUR" ? dispute.amount : undefined,
        })
      : undefined,
    money_movements: movements.length > 0 ? movements : undefined,
  });
}

/** What the end of a dispute moved: from the shop to the payer, and PayPal's fee. */
function movementsOf(dispute: KeptDispute): object[] {
  if (dispute.outcome !== "RESOLVED_BUYER_FAVOUR") return [];
  const common = { initiated_time: vendorTime(dispute.updatedAt) };
  const settlement = { ...common, amount: dispute.amount, reason: "DISPUTE_SETTLEMENT" };
  const fee = dispute.fee
    ? [
        {
          ...common,
          amount: dispute.fee,
          reason: "DISPUTE_FEE",
          affected_party: "SELLER",
          type: "DEBIT",
        },
      ]
    : [];
  return [
    { ...settlement, affected_party: "SELLER", type: "DEBIT" },
    { ...settlement, affected_party: "BUYER", type: "CREDIT" },
    ...fee,
  ];
}

function tokenLinks(world: PayPalWorld, id: string): Link[] {
  const self = `${world.baseUrl()}/v3/vault/payment-tokens/${id}`;
  return [
    { href: self, rel: "self", method: "GET" },
    { href: self, rel: "delete", method: "DELETE" },
  ];
}

export function showToken(world: PayPalWorld, token: KeptToken): object {
  return {
    id: token.id,
    customer: { id: token.customer },
    payment_source: {
      paypal: compact({
        usage_type: token.vault.usage_type,
        usage_pattern: token.vault.usage_pattern,
        customer_type: token.vault.customer_type,
        permit_multiple_payment_tokens: token.vault.permit_multiple_payment_tokens,
        description: token.vault.description,
        email_address: token.payer.email,
        account_id: token.payer.accountId,
        name: { given_name: token.payer.givenName, surname: token.payer.surname },
      }),
    },
    links: tokenLinks(world, token.id),
  };
}
