import type { OrderPhase, OrderState, OrderStep } from "./order.ts";

/** The facts from which the situation of an order follows. */
export interface OrderFacts {
  /** A top-up of the balance: nothing is sent to a carrier. */
  readonly isTopUp: boolean;
  readonly state: OrderState;
  readonly placedAt: Date;
  readonly paidAt: Date | null;
  readonly completedAt: Date | null;
  readonly endedAt: Date | null;
  /** When its service begins, for what begins later. */
  readonly startsAt: Date | null;
  readonly payment: {
    readonly state: "created" | "pending" | "reserved" | "settled" | "failed" | "expired";
    /** Whether the provider has been paid but not yet got the money (e-wallets, transfers). */
    readonly processing: boolean;
  };
  readonly activation: {
    readonly state: "requested" | "pending" | "unknown" | "confirmed" | "rejected" | "quarantined";
    readonly requestedAt: Date | null;
    readonly acceptedAt: Date | null;
  } | null;
  readonly refund: {
    readonly state: "created" | "pending" | "succeeded" | "failed";
    readonly createdAt: Date;
    readonly succeededAt: Date | null;
  } | null;
}

/** A refund, as far as the situation of its order follows from it. */
interface RefundFacts {
  readonly id: string;
  readonly state: "created" | "pending" | "succeeded" | "failed";
  /** The failed refund whose money this one gives back another way. */
  readonly redirects: string | null;
  readonly createdAt: Date;
}

/** Of several refunds the one that says how they stand: what failed, then what is open, then the latest. */
export function leadingRefund<R extends RefundFacts>(refunds: readonly R[]): R | null {
  const rank = { failed: 0, created: 1, pending: 1, succeeded: 2 } as const;
  const [first] = refunds
    .filter((refund) => !refunds.some((other) => other.redirects === refund.id))
    .toSorted(
      (a, b) => rank[a.state] - rank[b.state] || b.createdAt.getTime() - a.createdAt.getTime(),
    );
  return first ?? null;
}

/** In which situation an order is. A refund of an order that was done changes nothing in that. */
export function orderPhase(order: OrderFacts): OrderPhase {
  if (order.refund !== null && order.state !== "completed") {
    if (order.refund.state === "succeeded") return "refunded";
    return order.refund.state === "failed" ? "refund_delayed" : "refunding";
  }
  if (order.state === "completed") return order.isTopUp ? "credited" : "live";
  if (order.paidAt === null) {
    switch (order.payment.state) {
      case "failed":
        return "payment_failed";
      case "expired":
        return "payment_expired";
      default:
        return order.payment.processing ? "payment_processing" : "awaiting_payment";
    }
  }
  if (order.state === "held") return "scheduled";
  switch (order.activation?.state) {
    case "unknown":
      return "outcome_unknown";
    case "quarantined":
      return "being_checked";
    default:
      return "activating";
  }
}

/** Whether nothing more happens by itself. */
export function isSettledPhase(phase: OrderPhase): boolean {
  return ["live", "credited", "refunded", "payment_failed", "payment_expired"].includes(phase);
}

/** What has happened to an order, what is waited for, and what comes after it. */
export function orderSteps(order: OrderFacts): readonly OrderStep[] {
  const phase = orderPhase(order);
  const steps: OrderStep[] = [{ kind: "placed", status: "done", at: order.placedAt }];
  const add = (kind: OrderStep["kind"], at: Date | null, status?: OrderStep["status"]): void => {
    steps.push({ kind, at, status: status ?? (at === null ? nextStatus(steps) : "done") });
  };

  if (phase === "payment_failed" || phase === "payment_expired") {
    add(phase, order.endedAt, "failed");
    return steps;
  }
  add("paid", order.paidAt);
  const scheduled = order.startsAt !== null && order.activation?.requestedAt == null;
  if (scheduled) add("waiting_for_start", null);

  const addRefund = (refund: NonNullable<OrderFacts["refund"]>): void => {
    add("refund_started", refund.createdAt);
    if (refund.state === "failed") add("refund_delayed", null, "failed");
    else add("refunded", refund.succeededAt);
  };
  if (order.refund !== null && order.state !== "completed") {
    if (order.activation?.requestedAt) add("sent", order.activation.requestedAt);
    addRefund(order.refund);
    return steps;
  }
  if (order.isTopUp) {
    add("credited", order.completedAt);
    if (order.refund !== null) addRefund(order.refund);
    return steps;
  }
  add("sent", order.activation?.requestedAt ?? null);
  add("accepted", order.activation?.acceptedAt ?? order.completedAt);
  add("live", order.completedAt);
  if (order.refund !== null) addRefund(order.refund);
  return steps;
}

/** The first step without a time is what is waited for; those behind it come later. */
function nextStatus(steps: readonly OrderStep[]): "current" | "todo" {
  return steps.some((step) => step.status === "current") ? "todo" : "current";
}
