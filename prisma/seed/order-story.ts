import {
  ACTIVATION_LEAD_MINUTES,
  BANK_TRANSFER_DAYS,
  BANK_TRANSFER_REMINDER_DAYS,
  LOOKUP_DELAYS_SECONDS,
} from "#lib/config/limits.ts";
import type { Prisma } from "#lib/db/generated/client.ts";
import { bankReference } from "#lib/domain/bank-reference.ts";
import { toJson } from "#lib/domain/json.ts";
import type { Funds } from "#lib/domain/ledger.ts";
import { money, type Money } from "#lib/domain/money.ts";
import type { OrderPhase } from "#lib/domain/order.ts";
import {
  allowedStarts,
  applyRenewal,
  snapshot,
  type RenewalChange,
  type RenewalStart,
} from "#lib/domain/renewal.ts";
import { chargedBasisPoints, taxLine, type TaxRule } from "#lib/domain/tax.ts";
import { digitsOf, lettersOf, orderNumberOf, uuidOf } from "./ids.ts";
import { planIdOf, type Line } from "./line.ts";
import type { PlanRow } from "./plan-row.ts";
import { planByCode } from "./plans.ts";
import { privateTaxRule } from "./tax-rates.ts";

/** What is told of one order. */
interface OrderStory {
  readonly key: string;
  readonly plan: string;
  readonly placedAt: Date;
  /** A bank transfer is only ever waited for. */
  readonly method: "stripe" | "paypal" | "bank_transfer" | "balance";
  /** Where it has come to at the moment of seeding. */
  readonly phase: Exclude<OrderPhase, "credited">;
  /** The plan's own default where it is left out. */
  readonly start?: RenewalStart;
}

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How long things took: somebody types a card number or signs in at PayPal, a carrier answers. */
const PAYING_MS = {
  stripe: 74 * SECOND,
  paypal: 41 * SECOND,
  bank_transfer: 41 * HOUR,
  balance: 420,
} as const;
const CASH = {
  stripe: "cash_stripe",
  paypal: "cash_paypal",
  bank_transfer: "cash_bank",
} as const;
const SENDING_MS = 640;
const CONFIRMING_MS = 1_870;
const TIME_OUT_MS = 10_000;
const MAILING_MS = 2_900;
/** What a carrier's refusal looks like. */
const REFUSAL = {
  reason: "out_of_stock",
  detail: "200011 Insufficient available profiles",
} as const;

/** Adds an order to a line, with everything that hangs on it in that situation. */
export function addOrder(line: Line, story: OrderStory): void {
  new OrderTelling(line, story).tell();
}

class OrderTelling {
  readonly #line: Line;
  readonly #story: OrderStory;
  readonly #plan: PlanRow;
  readonly #orderId: string;
  readonly #itemId: string;
  readonly #paymentId: string;
  readonly #number: string;
  readonly #total: Money;
  readonly #taxMinor: bigint;
  readonly #taxRule: TaxRule | null;
  readonly #change: RenewalChange;

  constructor(line: Line, story: OrderStory) {
    this.#line = line;
    this.#story = story;
    this.#plan = planByCode(story.plan);
    this.#orderId = uuidOf("order", story.key);
    this.#itemId = uuidOf("order item", story.key);
    this.#paymentId = uuidOf("payment", story.key);
    this.#number = orderNumberOf(story.key);
    const { person, service } = line;
    this.#taxRule = privateTaxRule(person.countryCode);
    const price = money(this.#plan.prices[person.currency], person.currency);
    const { gross, tax } = taxLine(price, this.#taxRule);
    this.#total = gross;
    this.#taxMinor = tax.amountMinor;
    const [usual = "now"] = allowedStarts(service, this.#plan, story.placedAt);
    if (story.start === undefined && usual === "on_date") throw new Error(`${story.key}: say when`);
    const start = story.start ?? ({ choice: usual } as RenewalStart);
    this.#change = line.decide(this.#plan, start, story.placedAt);
    this.#addOrderAndItem(start);
  }

  tell(): void {
    const { method, phase } = this.#story;
    if (method === "bank_transfer" && phase !== "awaiting_payment") {
      throw new Error(`${this.#story.key}: a transfer is only waited for`);
    }
    const { rows } = this.#line.person.setting;
    rows.phases.set(this.#number, this.#story.phase);
    this.#audit("customer", "order.placed", this.#story.placedAt);
    switch (this.#story.phase) {
      case "awaiting_payment":
        return this.#await();
      case "payment_processing":
        return this.#process();
      case "payment_failed":
        return this.#cancel("failed", "card_declined", 96 * SECOND);
      case "payment_expired":
        return this.#cancel("expired", "expired", 31 * MINUTE);
      case "scheduled":
        return this.#schedule();
      case "live":
        return this.#complete();
      case "activating":
        return this.#activate();
      case "outcome_unknown":
        return this.#leaveUnknown();
      case "being_checked":
        return this.#quarantine();
      case "refunding":
      case "refunded":
      case "refund_delayed":
        return this.#refund(this.#story.phase);
    }
  }

  #addOrderAndItem(start: RenewalStart): void {
    const { person, esimId, service } = this.#line;
    const { placedAt } = this.#story;
    const change = this.#change;
    const preview = {
      before: snapshot(service, placedAt),
      after: snapshot(applyRenewal(service, change, placedAt), placedAt),
      dataFrom: change.bucket.validFrom,
      period: change.period,
      lost: change.lost,
    };
    person.setting.rows.orders.push({
      id: this.#orderId,
      number: this.#number,
      accountId: person.accountId,
      esimId,
      attemptId: uuidOf("attempt", this.#story.key),
      state: "acknowledged",
      currency: this.#total.currency,
      totalMinor: this.#total.amountMinor,
      taxMinor: this.#taxMinor,
      taxTreatment: this.#taxRule?.treatment ?? null,
      taxBasisPoints: chargedBasisPoints(this.#taxRule),
      locale: person.locale,
      preview: toJson(preview) as Prisma.InputJsonValue,
      placedAt,
    });
    const { area: _area, prices: _prices, wholesale, ...terms } = this.#plan;
    person.setting.rows.orderItems.push({
      id: this.#itemId,
      orderId: this.#orderId,
      position: 1,
      planId: planIdOf(this.#plan),
      priceMinor: this.#total.amountMinor,
      taxMinor: this.#taxMinor,
      terms: toJson({
        ...terms,
        carrier: "esim_access",
        carrierOfferCode: wholesale.topUpCode,
      }) as Prisma.InputJsonValue,
      startChoice: start.choice,
      startsAt: start.choice === "now" ? null : change.bucket.validFrom,
    });
  }

  // ------------------------------------------------------------------ not paid (yet)

  /**
   * Placed, and the hosted page not begun: with Stripe's stand-in at hand the seed begins it as the
   * portal would (see `stand-ins.ts`). It stays open for most of a day, so that it can be tried out.
   */
  #await(): void {
    if (this.#story.method === "bank_transfer") return this.#awaitTransfer();
    // PayPal forgets within hours what nobody approves.
    if (this.#story.method !== "stripe") throw new Error(`${this.#story.key} cannot be begun`);
    const expiresAt = new Date(this.#line.person.setting.now.getTime() + 23 * HOUR);
    this.#addPayment({ state: "created", expiresAt, nextPollAt: expiresAt });
  }

  /** The customer knows how to transfer, and is reminded in time. */
  #awaitTransfer(): void {
    const { placedAt, key } = this.#story;
    const { person } = this.#line;
    const expiresAt = new Date(placedAt.getTime() + BANK_TRANSFER_DAYS * 24 * HOUR);
    const random = Buffer.from(digitsOf(16, "bank reference", key), "hex");
    this.#setOrder({ state: "pending" });
    this.#addPayment({
      state: "pending",
      providerReference: bankReference(random),
      expiresAt,
      nextPollAt: expiresAt,
    });
    this.#audit("customer", "payment.awaited", placedAt);
    this.#notify("bank_transfer_instructions", placedAt);
    person.setting.rows.notices.push({
      id: uuidOf("notice", key, "bank_transfer_reminder"),
      orderId: this.#orderId,
      accountId: person.accountId,
      template: "bank_transfer_reminder",
      locale: person.locale,
      state: "queued",
      createdAt: placedAt,
      nextAttemptAt: new Date(placedAt.getTime() + BANK_TRANSFER_REMINDER_DAYS * 24 * HOUR),
    });
  }

  /** The customer is done; the bank of a direct debit is not. */
  #process(): void {
    const { now } = this.#line.person.setting;
    this.#setOrder({ state: "pending" });
    this.#addPayment({
      state: "pending",
      processing: true,
      providerReference: this.#providerReference(),
      providerPaymentId: this.#providerPaymentId(),
      redirectUrl: null,
      expiresAt: this.#after(31 * MINUTE),
      nextPollAt: new Date(now.getTime() + HOUR),
      polls: 6,
    });
  }

  #cancel(state: "failed" | "expired", reason: string, afterMs: number): void {
    const endedAt = this.#after(afterMs);
    this.#setOrder({ state: "cancelled", endedAt, endReason: `payment_${state}` });
    this.#addPayment({
      state,
      reason,
      providerReference: this.#providerReference(),
      ...(state === "failed" ? { providerPaymentId: this.#providerPaymentId() } : {}),
      expiresAt: this.#after(31 * MINUTE),
      polls: state === "failed" ? 1 : 4,
    });
    this.#audit("system", "order.cancelled", endedAt, `payment ${state}: ${reason}`);
  }

  // ------------------------------------------------------------------ paid

  /** Paid: the money is booked. Returns when. */
  #settle(): Date {
    const { person } = this.#line;
    const { method } = this.#story;
    const paidAt = this.#after(PAYING_MS[method]);
    this.#setOrder({ paidAt });
    this.#addPayment({
      state: "settled",
      settledAt: paidAt,
      expiresAt: this.#after(31 * MINUTE),
      ...(method === "balance"
        ? {}
        : {
            providerReference: this.#providerReference(),
            providerPaymentId: this.#providerPaymentId(),
            polls: 1,
          }),
    });
    person.setting.books.settlePayment(
      { id: this.#paymentId, orderId: this.#orderId, at: paidAt },
      this.#funds(),
      this.#total,
      this.#taxMinor,
    );
    this.#audit(method === "balance" ? "customer" : "system", "payment.settled", paidAt);
    return paidAt;
  }

  /** The period is booked behind what runs; the carrier is told shortly before it begins. */
  #schedule(): void {
    const paidAt = this.#settle();
    const workAt = this.#workAt(paidAt);
    if (workAt <= this.#line.person.setting.now) throw new Error(`${this.#story.key}: not later`);
    this.#setOrder({ state: "held", nextAttemptAt: workAt });
    this.#line.book(this.#change, this.#booking(paidAt), false);
    this.#addActivation({ state: "requested", createdAt: paidAt });
    this.#notify("order_paid_scheduled", paidAt);
  }

  #complete(): void {
    const paidAt = this.#settle();
    const workAt = this.#workAt(paidAt);
    if (workAt > paidAt) this.#notify("order_paid_scheduled", paidAt);
    const requestedAt = new Date(workAt.getTime() + SENDING_MS);
    const confirmedAt = new Date(requestedAt.getTime() + CONFIRMING_MS);
    const carrierReference = `26${digitsOf(12, "top-up", this.#story.key)}`;
    this.#setOrder({ state: "completed", completedAt: confirmedAt });
    const expiresBefore = this.#line.carrierEnd;
    this.#line.book(this.#change, this.#booking(paidAt));
    this.#line.deliver(this.#plan, this.#itemId, carrierReference, requestedAt);
    this.#addActivation({
      state: "confirmed",
      carrierReference,
      attempts: 1,
      fence: 1,
      createdAt: paidAt,
      requestedAt,
      expiresBefore,
      acceptedAt: confirmedAt,
      confirmedAt,
      report: toJson({
        carrierReference,
        iccid: this.#line.iccid,
        offerCode: this.#plan.wholesale.topUpCode,
        expiresAt: this.#line.carrierEnd,
        totalBytes: this.#line.carrierTotalBytes,
      }) as Prisma.InputJsonValue,
    });
    this.#audit("system", "order.completed", confirmedAt);
    this.#notify("order_live", confirmedAt);
  }

  /** The carrier was busy; the order is sent again in a few minutes. */
  #activate(): void {
    const paidAt = this.#settle();
    this.#setOrder({
      state: "inProgress",
      nextAttemptAt: new Date(this.#line.person.setting.now.getTime() + 8 * MINUTE),
    });
    this.#addActivation({
      state: "requested",
      fence: 1,
      reason: "900001 The system is busy, please try again later.",
      createdAt: paidAt,
      requestedAt: new Date(paidAt.getTime() + SENDING_MS),
      expiresBefore: this.#line.carrierEnd,
    });
  }

  /** The carrier did not answer, and has been asked as often as the schedule says since. */
  #leaveUnknown(): void {
    const paidAt = this.#settle();
    const requestedAt = new Date(paidAt.getTime() + SENDING_MS);
    const { lookups, nextAttemptAt } = this.#lookUps(new Date(requestedAt.getTime() + TIME_OUT_MS));
    this.#setOrder({ state: "inProgress", nextAttemptAt, needsAttention: "outcome_unknown" });
    this.#addActivation({
      state: "unknown",
      attempts: lookups,
      lookups,
      fence: lookups,
      reason: "TimeoutError",
      createdAt: paidAt,
      requestedAt,
      expiresBefore: this.#line.carrierEnd,
    });
  }

  /** The carrier answered with dates that cannot be: a person decides. */
  #quarantine(): void {
    const paidAt = this.#settle();
    const requestedAt = new Date(paidAt.getTime() + SENDING_MS);
    const { lookups, nextAttemptAt } = this.#lookUps(
      new Date(requestedAt.getTime() + CONFIRMING_MS),
    );
    this.#setOrder({ state: "inProgress", nextAttemptAt, needsAttention: "carrier_answer_wrong" });
    this.#addActivation({
      state: "quarantined",
      attempts: lookups,
      lookups,
      fence: lookups,
      reason: "the carrier does not know the order",
      createdAt: paidAt,
      requestedAt,
      expiresBefore: this.#line.carrierEnd,
    });
  }

  /** How often the carrier was asked from its first answer to now, and when it is asked next. */
  #lookUps(first: Date): { lookups: number; nextAttemptAt: Date } {
    const now = this.#line.person.setting.now.getTime();
    let lookups = 0;
    let next = first.getTime();
    for (const seconds of LOOKUP_DELAYS_SECONDS) {
      if (next > now) break;
      lookups += 1;
      next += seconds * SECOND;
    }
    return { lookups, nextAttemptAt: new Date(next) };
  }

  /** The carrier refused for good, so the money goes back; `phase` says how far it has come. */
  #refund(phase: "refunding" | "refunded" | "refund_delayed"): void {
    const { person } = this.#line;
    const paidAt = this.#settle();
    const requestedAt = new Date(paidAt.getTime() + SENDING_MS);
    const endedAt = new Date(requestedAt.getTime() + CONFIRMING_MS);
    const refundId = uuidOf("refund", this.#story.key);
    const { method } = this.#story;
    this.#addActivation({
      state: "rejected",
      attempts: 1,
      fence: 1,
      reason: `${REFUSAL.reason}: ${REFUSAL.detail}`,
      createdAt: paidAt,
      requestedAt,
      expiresBefore: this.#line.carrierEnd,
    });
    this.#setOrder({
      state: "failed",
      endedAt,
      endReason: REFUSAL.reason,
      ...(phase === "refund_delayed" ? { needsAttention: "refund_failed" } : {}),
    });
    person.setting.books.refundOrder(
      { id: refundId, orderId: this.#orderId, reason: REFUSAL.reason, at: endedAt },
      this.#funds(),
      this.#total,
      this.#taxMinor,
    );
    this.#audit("system", "order.refunded", endedAt, REFUSAL.reason);
    this.#notify("order_refunded", endedAt);

    const refund = {
      id: refundId,
      orderId: this.#orderId,
      paymentId: this.#paymentId,
      currency: this.#total.currency,
      amountMinor: this.#total.amountMinor,
      taxMinor: this.#taxMinor,
      reason: REFUSAL.reason,
      createdAt: endedAt,
    };
    const { refunds } = person.setting.rows;
    if (phase === "refunding") {
      // The provider could not be reached; it is asked again in a few minutes.
      const nextAttemptAt = new Date(person.setting.now.getTime() + 12 * MINUTE);
      refunds.push({ ...refund, state: "created", attempts: 2, nextAttemptAt });
    } else if (phase === "refund_delayed") {
      refunds.push({
        ...refund,
        state: "failed",
        attempts: 1,
        providerReference: this.#refundReference(),
      });
      const failedAt = new Date(endedAt.getTime() + 26 * HOUR);
      this.#auditRefund("refund.failed", refundId, failedAt, "expired_or_canceled_card");
    } else {
      const byProvider = method !== "balance";
      const succeededAt = new Date(endedAt.getTime() + (byProvider ? 3 * SECOND : 0));
      refunds.push({
        ...refund,
        state: "succeeded",
        succeededAt,
        attempts: byProvider ? 1 : 0,
        providerReference: byProvider ? this.#refundReference() : null,
      });
      if (byProvider) {
        person.setting.books.succeedRefund(
          { id: refundId, orderId: this.#orderId, at: succeededAt },
          CASH[method],
          this.#total,
        );
        this.#auditRefund("refund.succeeded", refundId, succeededAt);
      }
    }
  }

  // ------------------------------------------------------------------ rows

  #setOrder(change: Partial<Prisma.OrderCreateManyInput>): void {
    const { orders } = this.#line.person.setting.rows;
    const order = orders.find((row) => row.id === this.#orderId);
    if (order === undefined) throw new Error(`${this.#story.key} has no order`);
    Object.assign(order, change);
  }

  #addPayment(
    facts: Omit<
      Prisma.PaymentCreateManyInput,
      "id" | "orderId" | "adapter" | "currency" | "amountMinor" | "createdAt"
    >,
  ): void {
    this.#line.person.setting.rows.payments.push({
      id: this.#paymentId,
      orderId: this.#orderId,
      adapter: this.#story.method,
      currency: this.#total.currency,
      amountMinor: this.#total.amountMinor,
      taxMinor: this.#taxMinor,
      createdAt: this.#story.placedAt,
      ...facts,
    });
  }

  #addActivation(
    facts: Omit<
      Prisma.ActivationCreateManyInput,
      "id" | "orderItemId" | "carrier" | "ourReference"
    >,
  ): void {
    this.#line.person.setting.rows.activations.push({
      id: uuidOf("activation", this.#story.key),
      orderItemId: this.#itemId,
      carrier: "esim_access",
      ourReference: this.#itemId,
      ...facts,
    });
  }

  #notify(template: string, after: Date): void {
    const { person } = this.#line;
    const sentAt = new Date(after.getTime() + MAILING_MS);
    person.setting.rows.notices.push({
      id: uuidOf("notice", this.#story.key, template),
      orderId: this.#orderId,
      accountId: person.accountId,
      template,
      locale: person.locale,
      state: "sent",
      attempts: 1,
      createdAt: after,
      sentAt,
    });
  }

  #audit(by: "customer" | "system", action: string, at: Date, reason: string | null = null): void {
    const { person } = this.#line;
    person.setting.rows.auditEvents.push({
      id: uuidOf("audit", action, this.#orderId),
      at,
      actorKind: by,
      actorId: by === "customer" ? person.accountId : null,
      action,
      subject: `order ${this.#number}`,
      reason,
      correlationId: this.#orderId,
    });
  }

  #auditRefund(action: string, refundId: string, at: Date, reason: string | null = null): void {
    this.#line.person.setting.rows.auditEvents.push({
      id: uuidOf("audit", action, refundId),
      at,
      actorKind: "system",
      action,
      subject: `refund ${refundId}`,
      reason,
      correlationId: this.#orderId,
    });
  }

  // ------------------------------------------------------------------ names and times

  #after(ms: number): Date {
    return new Date(this.#story.placedAt.getTime() + ms);
  }

  /** When the carrier is told: at once, or shortly before the data begins. */
  #workAt(paidAt: Date): Date {
    const lead = ACTIVATION_LEAD_MINUTES * MINUTE;
    const begins = this.#change.bucket.validFrom;
    if (begins <= this.#story.placedAt) return paidAt;
    return new Date(Math.max(paidAt.getTime(), begins.getTime() - lead));
  }

  #booking(at: Date): { plan: PlanRow; orderItemId: string; at: Date } {
    return { plan: this.#plan, orderItemId: this.#itemId, at };
  }

  #funds(): Funds {
    const { method } = this.#story;
    return method === "balance"
      ? { from: "balance", accountId: this.#line.person.accountId }
      : { from: "provider", cash: CASH[method] };
  }

  /** Stripe's session, or PayPal's order. */
  #providerReference(): string {
    return this.#story.method === "paypal"
      ? this.#paypalId("order")
      : `cs_test_a1${lettersOf(56, "session", this.#story.key)}`;
  }

  /** Stripe's intent, or PayPal's capture. */
  #providerPaymentId(): string {
    return this.#story.method === "paypal"
      ? this.#paypalId("capture")
      : `pi_3${lettersOf(23, "intent", this.#story.key)}`;
  }

  #refundReference(): string {
    return this.#story.method === "paypal"
      ? this.#paypalId("refund")
      : `re_3${lettersOf(23, "refund", this.#story.key)}`;
  }

  /** PayPal names everything with 17 capitals and digits. */
  #paypalId(what: string): string {
    return lettersOf(17, `paypal ${what}`, this.#story.key).toUpperCase();
  }
}
