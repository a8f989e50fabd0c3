import type { Locale } from "#lib/domain/locale.ts";
import { balanceToppedUp, topUpRefunded } from "./balance.ts";
import {
  bankTransferCredited,
  bankTransferInstructions,
  bankTransferReminder,
  bankTransferShort,
  paymentExpired,
} from "./bank-transfer.ts";
import { harmless, toHtml, toText, type MailContent, type NoticeBody } from "./layout.ts";
import type { NoticeData, NoticeFacts, NoticeTemplate } from "./notice-data.ts";
import { orderLive } from "./order-live.ts";
import { orderPaidScheduled } from "./order-paid-scheduled.ts";
import { orderCancelled, orderRefunded, refundGiven } from "./order-refunded.ts";
import { noticeWords, type NoticeWords } from "./words.ts";

/** A notice ready to be sent. */
export interface RenderedNotice {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const BODIES: {
  readonly [T in NoticeTemplate]: (facts: NoticeData[T], words: NoticeWords) => NoticeBody;
} = {
  order_live: orderLive,
  order_refunded: orderRefunded,
  order_cancelled: orderCancelled,
  refund_given: refundGiven,
  order_paid_scheduled: orderPaidScheduled,
  balance_topped_up: balanceToppedUp,
  topup_refunded: topUpRefunded,
  bank_transfer_instructions: bankTransferInstructions,
  bank_transfer_reminder: bankTransferReminder,
  bank_transfer_short: bankTransferShort,
  bank_transfer_credited: bankTransferCredited,
  payment_expired: paymentExpired,
};

/**
 * A notice in the customer's language, with times in the customer's zone.
 *
 * @param timeZone IANA zone, e.g. "Asia/Shanghai"
 */
export function renderNotice<T extends NoticeTemplate>(
  template: T,
  locale: Locale,
  timeZone: string,
  data: NoticeData[T],
): RenderedNotice {
  const words = noticeWords(locale, timeZone);
  const { subject, content } = BODIES[template](data, words);
  const whole: MailContent = { ...content, ...frame(data, words) };
  return {
    subject: harmless(subject),
    text: toText(whole, (label, value) => words.t("labelled", { label, value })),
    html: toHtml(whole, locale),
  };
}

function frame(
  facts: NoticeFacts,
  { t }: NoticeWords,
): Pick<MailContent, "greeting" | "action" | "footer"> {
  const name = facts.customerName === null ? null : callableName(facts.customerName);
  const url = facts.links.support;
  return {
    greeting: name === null ? t("greetingUnnamed") : t("greeting", { name }),
    action: {
      label: t("viewOrder", { number: harmless(facts.orderNumber) }),
      url: facts.links.order,
    },
    footer: [
      facts.supportEmail === null
        ? t("helpUnaddressed", { url })
        : t("help", { url, address: facts.supportEmail }),
      t("whySent", { brand: harmless(facts.brand) }),
    ],
  };
}

/**
 * The name a customer is addressed by; null when it is none. Mail programs turn whatever looks like
 * an address into a link, so a "name" that carries one would be somebody's advertisement with our sender.
 */
function callableName(name: string): string | null {
  const shown = harmless(name);
  return shown === "" || shown.length > 60 || /[:/@\\<>]|www\.|\.\p{L}{2,}/iu.test(shown)
    ? null
    : shown;
}
