import {
  ProviderUnavailableError,
  type PaymentAdapter,
  type PaymentReport,
  type ProviderDispute,
  type ProviderPayment,
  type ProviderPaymentKey,
  type ProviderRefund,
  type RefundOutcome,
  type RefundRequest,
  type StartPaymentOutcome,
  type StartPaymentRequest,
} from "../port.ts";
import {
  createPayPalClient,
  isAboutOurKey,
  type PayPalAnswer,
  type PayPalClient,
  type PayPalSettings,
} from "./client.ts";
import { readDispute, readDisputedCaptures, readDisputeList } from "./dispute-wire.ts";
import { parsePayPalWebhook } from "./webhook.ts";
import {
  readOrder,
  readOrderOfCapture,
  readOurRefund,
  readPaymentLine,
  readRefund,
  readRefundLine,
  readRefundsOfOrder,
  readStartedOrder,
  readTransactions,
  REFUND_CODE,
  toOrderRequest,
  toPayPalAmount,
  UnreadableAnswerError,
  type OrderReport,
  type Transaction,
} from "./wire.ts";

const PAGE = 500;
const DISPUTES_PAGE = "50";
const DAY_MS = 24 * 3_600_000;
/** Longest range of one question about the account's history. */
const LONGEST_RANGE_MS = 31 * DAY_MS;
/** How far back the history goes. */
const HISTORY_MS = 3 * 365 * DAY_MS;
/** How long the history may take to know a transaction. */
const LISTING_LAG_MINUTES = 180;

/** PayPal by its Orders API: the customer approves on PayPal's page, we capture. */
export function paypalAdapter(settings: PayPalSettings): PaymentAdapter {
  const client = createPayPalClient(settings);
  return {
    id: "paypal",
    live: client.live,
    listingLagMinutes: LISTING_LAG_MINUTES,
    canTake: (amount) => toPayPalAmount(amount).ok,
    start: (request) => start(client, request, settings.brandName),
    find: async (providerReference) => (await find(client, providerReference))?.report ?? null,
    capture: (providerReference, paymentId) => capture(client, providerReference, paymentId),
    expire: (providerReference) => expire(client, providerReference),
    refund: (request) => refund(client, request),
    findRefund: (providerReference) => findRefund(client, providerReference),
    listRefunds: (payment) => listRefunds(client, payment),
    listDisputes: (payment) => listDisputes(client, payment),
    forgetMethod: (reference) => forgetMethod(client, reference),
    listPayments: (from) => listPayments(client, from),
    listDisputedPayments: (from) => listDisputedPayments(client, from),
    parseWebhook: (headers, rawBody) =>
      parsePayPalWebhook(client, settings.webhookId, headers, rawBody),
  };
}

/**
 * An order that was made though the answer was lost is nobody's: its page has an address that only
 * the lost answer named, so it cannot be approved, and PayPal forgets it.
 */
async function start(
  client: PayPalClient,
  request: StartPaymentRequest,
  brandName: string,
): Promise<StartPaymentOutcome> {
  const amount = toPayPalAmount(request.amount);
  if (!amount.ok) return { kind: "rejected", reason: amount.code };
  const answer = await client.ask({
    method: "POST",
    path: "/v2/checkout/orders",
    body: JSON.stringify(toOrderRequest(request, amount.amount, brandName)),
    key: request.paymentId,
  });
  if (answer.kind === "refused") return { kind: "rejected", reason: answer.code };
  if (answer.kind === "unknown") return { kind: "unknown", reason: answer.reason };
  return orUnknown(() => {
    const { id, url } = readStartedOrder(answer.body, request);
    // PayPal cannot be told when its page is to end: past this time nothing is captured any more.
    return { kind: "redirect", providerReference: id, url, expiresAt: request.expiresAt };
  });
}

async function find(client: PayPalClient, providerReference: string): Promise<OrderReport | null> {
  const path = `/v2/checkout/orders/${encodeURIComponent(providerReference)}`;
  const answer = await client.ask({ method: "GET", path });
  if (answer.kind === "refused" && answer.status === 404) return null;
  return orUnavailable(() => readOrder(bodyOf(answer), client.live));
}

/**
 * The key names the approval too: when the payer's funds are declined and the payer chooses others,
 * capturing is another act, and PayPal would answer the old key with the old refusal. That an order is
 * captured once is PayPal's own rule, whatever the key.
 */
async function capture(
  client: PayPalClient,
  providerReference: string,
  paymentId: string,
): Promise<PaymentReport | null> {
  const found = await find(client, providerReference);
  if (found === null || found.report.state !== "approved" || found.report.paymentId !== paymentId) {
    return found?.report ?? null;
  }
  const answer = await client.ask({
    method: "POST",
    path: `/v2/checkout/orders/${encodeURIComponent(providerReference)}/capture`,
    body: "{}",
    key: `${paymentId}.${found.approval}`,
  });
  if (answer.kind !== "refused" || isAboutOurKey(answer)) {
    return orUnavailable(() => readOrder(bodyOf(answer), client.live).report);
  }
  switch (answer.code) {
    case "ORDER_ALREADY_CAPTURED":
    case "ORDER_COMPLETED_OR_VOIDED":
      return (await find(client, providerReference))?.report ?? null;
    case "ORDER_COMPLETION_IN_PROGRESS":
      return { ...found.report, state: "processing", reason: answer.code };
    // The payer can go back to the page and choose other funds.
    case "INSTRUMENT_DECLINED":
    case "PAYER_ACTION_REQUIRED":
    case "ORDER_NOT_APPROVED":
      return { ...found.report, state: "pending", reason: answer.code };
    default:
      // 422: PayPal will not do it, and nothing happened. Anything else is about our request.
      if (answer.status !== 422) throw unavailable(answer.code);
      return { ...found.report, state: "failed", reason: answer.code };
  }
}

/**
 * PayPal has no way to close an order's page. It need not be closed: money moves only when we
 * capture, and what was given up is not captured; an approval that comes all the same lapses.
 */
async function expire(
  client: PayPalClient,
  providerReference: string,
): Promise<PaymentReport | null> {
  const found = await find(client, providerReference);
  if (found === null) return null;
  const { report } = found;
  return report.state === "pending" || report.state === "approved"
    ? { ...report, state: "expired", reason: report.reason ?? "given_up" }
    : report;
}

/**
 * Two things keep a repetition from refunding twice: the request id, which PayPal remembers for 45
 * days, and our refund id as an invoice number, which it takes once. So whatever PayPal refuses,
 * our refund is looked for before it is said to have failed: it may be the reason.
 */
async function refund(client: PayPalClient, request: RefundRequest): Promise<RefundOutcome> {
  const amount = toPayPalAmount(request.amount);
  if (!amount.ok) return { kind: "failed", reason: amount.code, providerReference: null };
  const answer = await client.ask({
    method: "POST",
    path: `/v2/payments/captures/${encodeURIComponent(request.providerPaymentId)}/refund`,
    body: JSON.stringify({
      amount: amount.amount,
      custom_id: request.refundId,
      invoice_id: request.refundId,
    }),
    key: request.refundId,
  });
  if (answer.kind !== "refused" || answer.status !== 422) return refundOutcome(answer);
  try {
    const ours = await findOurRefund(client, request);
    return ours ?? refundOutcome(answer);
  } catch (error) {
    if (!(error instanceof ProviderUnavailableError)) throw error;
    return { kind: "unknown", reason: error.message };
  }
}

async function findOurRefund(
  client: PayPalClient,
  { refundId, providerPaymentId }: RefundRequest,
): Promise<RefundOutcome | null> {
  const captured = bodyOf(
    await client.ask({
      method: "GET",
      path: `/v2/payments/captures/${encodeURIComponent(providerPaymentId)}`,
    }),
  );
  const order = orUnavailable(() => readOrderOfCapture(captured));
  const path = `/v2/checkout/orders/${encodeURIComponent(order)}`;
  const whole = bodyOf(await client.ask({ method: "GET", path }));
  return orUnavailable(() => readOurRefund(whole, refundId));
}

async function findRefund(client: PayPalClient, providerReference: string): Promise<RefundOutcome> {
  const path = `/v2/payments/refunds/${encodeURIComponent(providerReference)}`;
  return refundOutcome(await client.ask({ method: "GET", path }));
}

function refundOutcome(answer: PayPalAnswer): RefundOutcome {
  if (answer.kind === "unknown") return { kind: "unknown", reason: answer.reason };
  if (answer.kind === "answered") return orUnknown(() => readRefund(answer.body));
  // Credentials of ours that PayPal does not take say nothing about the refund.
  if (isAboutOurKey(answer)) return { kind: "unknown", reason: answer.code };
  return { kind: "failed", reason: answer.code, providerReference: null };
}

/** As the order tells them (orders API v2, `purchase_units[].payments.refunds`). */
async function listRefunds(
  client: PayPalClient,
  { providerReference }: ProviderPaymentKey,
): Promise<readonly ProviderRefund[]> {
  const path = `/v2/checkout/orders/${encodeURIComponent(providerReference)}`;
  const answer = await client.ask({ method: "GET", path });
  if (answer.kind === "refused" && answer.status === 404) return [];
  return orUnavailable(() => readRefundsOfOrder(bodyOf(answer)));
}

/**
 * By the capture's id (disputes API v1). The list tells neither outcome nor money, so each dispute is
 * asked about. The REST app needs PayPal's feature "Disputes"; without it PayPal refuses the question.
 */
async function listDisputes(
  client: PayPalClient,
  { providerPaymentId }: ProviderPaymentKey,
): Promise<readonly ProviderDispute[]> {
  const found: ProviderDispute[] = [];
  for await (const { id } of disputesBy(client, { disputed_transaction_id: providerPaymentId })) {
    const whole = await wholeDispute(client, id);
    found.push(orUnavailable(() => readDispute(whole)));
  }
  return found;
}

/** Which captures a dispute is about, only the dispute in full tells. */
async function* listDisputedPayments(client: PayPalClient, from: Date): AsyncGenerator<string> {
  for await (const { id, openedAt } of disputesBy(client, {})) {
    if (openedAt < from) continue;
    const whole = await wholeDispute(client, id);
    yield* orUnavailable(() => readDisputedCaptures(whole));
  }
}

async function* disputesBy(
  client: PayPalClient,
  filter: Readonly<Record<string, string>>,
): AsyncGenerator<{ readonly id: string; readonly openedAt: Date }> {
  for (let token: string | null = ""; token !== null;) {
    const query = new URLSearchParams({
      ...filter,
      page_size: DISPUTES_PAGE,
      ...(token === "" ? {} : { next_page_token: token }),
    });
    const answer = await client.ask({ method: "GET", path: `/v1/customer/disputes?${query}` });
    if (answer.kind === "refused" && answer.status === 404) return;
    const page = orUnavailable(() => readDisputeList(bodyOf(answer)));
    yield* page.disputes;
    token = page.disputes.length === 0 ? null : page.next;
  }
}

async function wholeDispute(client: PayPalClient, id: string): Promise<unknown> {
  const path = `/v1/customer/disputes/${encodeURIComponent(id)}`;
  return bodyOf(await client.ask({ method: "GET", path }));
}

/** Deletes the payment token (vault API v3). One that is gone was forgotten before. */
async function forgetMethod(client: PayPalClient, reference: string): Promise<void> {
  const path = `/v3/vault/payment-tokens/${encodeURIComponent(reference)}`;
  const answer = await client.ask({ method: "DELETE", path });
  if (answer.kind === "refused" && answer.status === 404) return;
  bodyOf(answer);
}

/**
 * By the account's history, which names captures and not orders: each payment is listed under its
 * capture's id. Refunds are read first, as they are lines of their own.
 *
 * The range ends by this process's clock, not by business time, which testing may shift: the history is of
 * PayPal's own time. It decides nothing about money. Whoever compares leaves out what is newer than the
 * listing lag of hours, and asks about a single payment before anything is said of it; what a slow clock
 * leaves out is read the next time.
 */
async function* listPayments(client: PayPalClient, from: Date): AsyncGenerator<ProviderPayment> {
  const until = Date.now();
  const since = Math.max(from.getTime(), until - HISTORY_MS);
  const refunded = new Map<string, bigint>();
  for await (const line of history(client, since, until, { transaction_type: REFUND_CODE })) {
    const refund = orUnavailable(() => readRefundLine(line));
    if (refund === null) continue;
    refunded.set(refund.capture, (refunded.get(refund.capture) ?? 0n) + refund.minor);
  }
  for await (const line of history(client, since, until)) {
    const given = refunded.get(line.transaction_id) ?? 0n;
    const payment = orUnavailable(() => readPaymentLine(line, given, client.live));
    if (payment !== null) yield payment;
  }
}

/** The lines of the history between two times in ms, each once. */
async function* history(
  client: PayPalClient,
  since: number,
  until: number,
  filter: Readonly<Record<string, string>> = {},
): AsyncGenerator<Transaction> {
  // A line on the border of two ranges is in both.
  const seen = new Set<string>();
  for (let start = since; start < until; start += LONGEST_RANGE_MS) {
    const end = Math.min(start + LONGEST_RANGE_MS, until);
    for await (const line of linesBetween(client, start, end, filter)) {
      if (seen.has(line.transaction_id)) continue;
      seen.add(line.transaction_id);
      yield line;
    }
  }
}

async function* linesBetween(
  client: PayPalClient,
  start: number,
  end: number,
  filter: Readonly<Record<string, string>>,
): AsyncGenerator<Transaction> {
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const query = new URLSearchParams({
      ...filter,
      start_date: new Date(start).toISOString(),
      end_date: new Date(end).toISOString(),
      fields: "transaction_info",
      page_size: String(PAGE),
      page: String(page),
    });
    const path = `/v1/reporting/transactions?${query}`;
    const answer = await client.ask({ method: "GET", path });
    if (answer.kind === "refused" && answer.code === "RESULTSET_TOO_LARGE" && end - start > 1_000) {
      // PayPal tells no more than 10,000 lines at once: it is asked about each half.
      const middle = start + Math.floor((end - start) / 2);
      yield* linesBetween(client, start, middle, filter);
      yield* linesBetween(client, middle, end, filter);
      return;
    }
    const found = orUnavailable(() => readTransactions(bodyOf(answer)));
    yield* found.lines;
    pages = found.pages;
  }
}

/** The body of an answer; a question that was refused or lost throws `ProviderUnavailableError`. */
function bodyOf(answer: PayPalAnswer): unknown {
  if (answer.kind === "answered") return answer.body;
  throw unavailable(answer.kind === "refused" ? answer.code : answer.reason);
}

/** An answer that cannot be read leaves an act unknown … */
function orUnknown<T>(readAnswer: () => T): T | { kind: "unknown"; reason: string } {
  try {
    return readAnswer();
  } catch (error) {
    if (error instanceof UnreadableAnswerError) return { kind: "unknown", reason: error.message };
    throw error;
  }
}

/** … and a question unanswered. */
function orUnavailable<T>(readAnswer: () => T): T {
  try {
    return readAnswer();
  } catch (error) {
    if (error instanceof UnreadableAnswerError) throw unavailable(error.message, error);
    throw error;
  }
}

function unavailable(reason: string, cause?: unknown): ProviderUnavailableError {
  return new ProviderUnavailableError(`PayPal could not be asked: ${reason}`, { cause });
}
