import { z } from "zod";
import { AdminRefusal } from "../admin.ts";
import type { AdminRoutes } from "../admin.ts";
import { overwrite } from "../faults.ts";
import type { WebhookQueue } from "../webhooks.ts";
import { checkAmount } from "./amounts.ts";
import { isToBeSaved, refundByHand, saveWallet, settleCapture, settleRefund } from "./captures.ts";
import { closeDispute, disputeOutcomes, escalateDispute, openDispute } from "./disputes.ts";
import { PayPalRefusal } from "./errors.ts";
import { newEventId } from "./ids.ts";
import {
  approveOrder,
  canBeApproved,
  currentOrder,
  offeredFundings,
  reverseApproval,
  reverseDueApprovals,
} from "./orders.ts";
import { payerNamed, returnAddress } from "./pages.ts";
import { paypalSeedSchema, seedPayPal } from "./seed.ts";
import { showDispute, showRefund } from "./show.ts";
import { paypalState } from "./state.ts";
import { forgetWallet } from "./vault.ts";
import { fundings } from "./world.ts";
import type { KeptEvent, PayPalWorld } from "./world.ts";

const id = z.string().min(1);
const money = z.strictObject({ currency_code: z.string(), value: z.string() });

const approveSchema = z.strictObject({
  order: id,
  funding: z.enum(fundings).default("balance"),
  payer: z.email().default("payer@example.com"),
});

const settleSchema = z.strictObject({ capture: id, outcome: z.enum(["completed", "declined"]) });

const disputeSchema = z.union([
  z.strictObject({
    capture: id,
    amount: money.optional(),
    reason: z.string().default("UNAUTHORISED"),
    stage: z.enum(["INQUIRY", "CHARGEBACK"]).default("CHARGEBACK"),
    /** What losing it will cost. */
    fee: money.optional(),
  }),
  z.strictObject({ dispute: id, outcome: z.enum(disputeOutcomes) }),
  /** An inquiry becomes a claim. */
  z.strictObject({ dispute: id, stage: z.literal("CHARGEBACK") }),
]);

const refundSchema = z.union([
  /** A refund made by hand on PayPal's site. */
  z.strictObject({ capture: id, amount: money.optional() }),
  /** The end of a pending refund, or the failure of a done one. */
  z.strictObject({ refund: id, outcome: z.enum(["completed", "failed"]) }),
]);

const redeliverSchema = z.strictObject({
  /** An event's id; or the newest event of `type`, about `about` if given. */
  event: z.string().startsWith("WH-").optional(),
  type: z.string().optional(),
  /** Text that the event contains: the id of an order or a capture. */
  about: z.string().optional(),
  /** How many times it is sent at once. */
  times: z.number().int().min(1).max(200).default(1),
  /** Under a new event id: two events about one change. */
  newId: z.boolean().default(false),
  /** Values written at dotted paths of the event ("resource.amount.value"). */
  set: z.record(z.string(), z.unknown()).default({}),
});

/** The PayPal stand-in's own admin calls. */
export function paypalAdminRoutes(world: PayPalWorld, webhooks: WebhookQueue): AdminRoutes {
  return {
    "GET /state": () => {
      reverseDueApprovals(world);
      return paypalState(world, webhooks);
    },
    "POST /seed": (body) => inWords(() => seedPayPal(world, paypalSeedSchema.parse(body))),
    "POST /reset": () => {
      const { store, log, held } = world.standIn;
      held.release();
      // The signing key stays: what was signed with it may still be on its way.
      store.clear(["keys"]);
      log.clear();
      webhooks.clear();
      return { reset: true };
    },
    "POST /approve": (body) => inWords(() => approve(world, approveSchema.parse(body))),
    "POST /reverse-approval": (body) =>
      inWords(() => {
        const { order: wanted } = z.strictObject({ order: id }).parse(body);
        const order = currentOrder(world, wanted);
        if (order.status !== "APPROVED")
          throw new AdminRefusal(`The order is ${order.status}`, 409);
        return { order: order.id, status: reverseApproval(world, order).status };
      }),
    "POST /settle": (body) => inWords(() => settle(world, settleSchema.parse(body))),
    "POST /dispute": (body) => inWords(() => dispute(world, disputeSchema.parse(body))),
    "POST /save-wallet": (body) =>
      inWords(() => {
        const order = currentOrder(world, z.strictObject({ order: id }).parse(body).order);
        if (!isToBeSaved(world, order)) throw new AdminRefusal("No wallet waits there", 409);
        return { order: order.id, token: saveWallet(world, order).token };
      }),
    "POST /revoke-wallet": (body) =>
      inWords(() => {
        const { token: wanted } = z.strictObject({ token: id }).parse(body);
        forgetWallet(world, world.get("token", wanted));
        return { token: wanted };
      }),
    "POST /refund": (body) => inWords(() => refund(world, refundSchema.parse(body))),
    "GET /webhooks": () => webhooks.list(),
    "POST /webhooks/redeliver": (body) => redeliver(world, redeliverSchema.parse(body)),
    "POST /webhooks/hurry": () => {
      webhooks.hurry();
      return { hurried: true };
    },
  };
}

function approve(world: PayPalWorld, wanted: z.output<typeof approveSchema>): object {
  const order = currentOrder(world, wanted.order);
  if (!canBeApproved(order)) throw new AdminRefusal(`The order is ${order.status}`, 409);
  if (!offeredFundings(order).includes(wanted.funding)) {
    throw new AdminRefusal(`On offer: ${offeredFundings(order).join(", ")}`, 400);
  }
  const payer = payerNamed(wanted.payer);
  const approved = approveOrder(world, order, { payer, funding: wanted.funding });
  return { order: approved.id, status: approved.status, returnUrl: returnAddress(approved, payer) };
}

function settle(world: PayPalWorld, wanted: z.output<typeof settleSchema>): object {
  const capture = world.get("capture", wanted.capture);
  if (capture.status !== "PENDING") throw new AdminRefusal("Nothing is pending there", 409);
  const settled = settleCapture(world, capture, wanted.outcome === "completed");
  return { capture: settled.id, status: settled.status };
}

function dispute(world: PayPalWorld, wanted: z.output<typeof disputeSchema>): object {
  if ("dispute" in wanted) {
    const known = world.get("dispute", wanted.dispute);
    if (known.status === "RESOLVED") throw new AdminRefusal("The dispute is resolved", 409);
    if ("outcome" in wanted) return showDispute(world, closeDispute(world, known, wanted.outcome));
    if (known.stage !== "INQUIRY") throw new AdminRefusal("It is a claim already", 409);
    return showDispute(world, escalateDispute(world, known));
  }
  const capture = world.get("capture", wanted.capture);
  const { reason, stage } = wanted;
  const amount = wanted.amount ? checkAmount(wanted.amount, "/amount") : null;
  const fee = wanted.fee ? checkAmount(wanted.fee, "/fee") : null;
  return showDispute(world, openDispute(world, capture, { amount, reason, stage, fee }));
}

function refund(world: PayPalWorld, wanted: z.output<typeof refundSchema>): object {
  if ("refund" in wanted) {
    return showRefund(
      world,
      settleRefund(world, world.get("refund", wanted.refund), wanted.outcome),
    );
  }
  const capture = world.get("capture", wanted.capture);
  return showRefund(world, refundByHand(world, capture, wanted.amount));
}

function redeliver(world: PayPalWorld, wanted: z.output<typeof redeliverSchema>): object {
  const event = wanted.event
    ? world.find("event", wanted.event)
    : world.list("event").find((each) => isWanted(each, wanted));
  if (!event) throw new AdminRefusal("No such event");
  const changed = overwrite(event, wanted.set) as KeptEvent;
  const sent = { ...changed, id: wanted.newId ? newEventId() : event.id };
  for (let time = 0; time < wanted.times; time += 1) world.send(sent);
  return { event: sent.id, type: sent.event_type, times: wanted.times };
}

function isWanted(event: KeptEvent, wanted: z.output<typeof redeliverSchema>): boolean {
  if (wanted.type && event.event_type !== wanted.type) return false;
  return !wanted.about || JSON.stringify(event).includes(wanted.about);
}

/** Turns a refusal of the stand-in's rules into an admin refusal. */
function inWords<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PayPalRefusal)
      throw new AdminRefusal(`${error.code}: ${error.message}`, 409);
    throw error;
  }
}
