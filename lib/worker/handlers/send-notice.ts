import { env } from "#lib/config/env.ts";
import { MailRejectedError, MailUnavailableError } from "#lib/notifications/port.ts";
import { mailer } from "#lib/notifications/registry.ts";
import {
  noticeLinks,
  type NoticeData,
  type NoticeFacts,
  type RefundCause,
} from "#lib/notifications/templates/notice-data.ts";
import { renderNotice, type RenderedNotice } from "#lib/notifications/templates/render-notice.ts";
import { claimNotice, type ClaimedNotice } from "#lib/services/notice/claim-notice.ts";
import { recordNotice } from "#lib/services/notice/record-notice.ts";

/** Banks take up to this long to show a refund; said in the notice. */
const REFUND_DAYS = 10;

/** Why an order ended, as the customer reads it. */
const CAUSES: Readonly<Record<string, RefundCause>> = {
  esim_expired: "esim_expired",
  esim_not_found: "esim_unavailable",
  esim_state: "esim_unavailable",
  offer_not_found: "plan_unavailable",
  offer_not_compatible: "plan_unavailable",
  out_of_stock: "plan_unavailable",
  topup_limit_reached: "limit_reached",
  paid_too_late: "paid_too_late",
};

/** Writes and sends a queued notice. What the mail server does not take now is tried again later. */
export async function sendNotice(input: { readonly noticeId: string }): Promise<void> {
  const notice = await claimNotice(input);
  if (notice === null) return;
  const { subject, text, html } = render(notice);
  try {
    await mailer().send({
      id: notice.id,
      to: notice.to,
      subject,
      text,
      html,
      locale: notice.locale,
    });
  } catch (error) {
    if (error instanceof MailUnavailableError) {
      await recordNotice({ noticeId: notice.id, outcome: "unavailable" });
      return;
    }
    if (error instanceof MailRejectedError) {
      await recordNotice({ noticeId: notice.id, outcome: "rejected" });
      return;
    }
    throw error;
  }
  await recordNotice({ noticeId: notice.id, outcome: "sent" });
}

function render(notice: ClaimedNotice): RenderedNotice {
  const common = {
    brand: env().BRAND_NAME,
    supportEmail: env().SUPPORT_EMAIL ?? null,
    customerName: notice.customerName,
    orderNumber: notice.orderNumber,
    total: notice.total,
    links: noticeLinks(env().APP_URL, notice.orderNumber, notice.service?.iccid ?? null),
  };
  const { template } = notice;
  if (
    template === "balance_topped_up" ||
    template === "topup_refunded" ||
    template === "refund_given"
  ) {
    return renderNotice(template, notice.locale, notice.timeZone, common);
  }
  const planName = notice.service?.planName ?? null;
  switch (template) {
    case "bank_transfer_instructions":
    case "bank_transfer_reminder":
    case "bank_transfer_short":
    case "bank_transfer_credited":
    case "payment_expired":
      return renderNotice(template, notice.locale, notice.timeZone, {
        ...common,
        ...known(notice.transfer),
        planName,
      });
    case "order_live":
    case "order_paid_scheduled":
    case "order_refunded":
    case "order_cancelled":
      return renderServiceNotice(template, notice, common);
  }
}

function renderServiceNotice(
  template: "order_live" | "order_paid_scheduled" | "order_refunded" | "order_cancelled",
  notice: ClaimedNotice,
  common: NoticeFacts,
): RenderedNotice {
  const { planName, iccid } = known(notice.service);
  const facts = { ...common, planName, iccidLast4: iccid.slice(-4) };
  switch (template) {
    case "order_live":
      return renderNotice("order_live", notice.locale, notice.timeZone, {
        ...facts,
        dataBytes: notice.dataBytes,
        usableFrom: known(notice.dataFrom),
        validUntil: known(notice.dataUntil),
      });
    case "order_paid_scheduled":
      return renderNotice("order_paid_scheduled", notice.locale, notice.timeZone, {
        ...facts,
        dataBytes: notice.dataBytes,
        startsAt: known(notice.dataFrom),
        endsAt: known(notice.dataUntil),
      });
    case "order_refunded":
      return renderNotice("order_refunded", notice.locale, notice.timeZone, {
        ...facts,
        ...moneyBack(notice),
        cause: CAUSES[notice.endReason ?? ""] ?? "network_refused",
      });
    case "order_cancelled":
      return renderNotice("order_cancelled", notice.locale, notice.timeZone, {
        ...facts,
        ...moneyBack(notice),
      });
  }
}

function moneyBack(notice: ClaimedNotice): Pick<NoticeData["order_cancelled"], "refunds"> {
  return {
    refunds: notice.refunds.map(({ amount, method, at }) => ({
      amount,
      destination:
        method === null
          ? { kind: "balance" }
          : {
              kind: "original_method",
              method,
              arrivesBy: new Date(at.getTime() + REFUND_DAYS * 86_400_000),
            },
    })),
  };
}

function known<T>(fact: T | null): T {
  if (fact === null) throw new Error("A notice lacks what it tells");
  return fact;
}
