import { harmless, type NoticeBody } from "./layout.ts";
import type { NoticeFacts, OrderCancelledFacts, OrderRefundedFacts } from "./notice-data.ts";
import { commonFacts, type NoticeWords } from "./words.ts";

/** The plan could not be switched on: why, where the money goes, and by when it is there. */
export function orderRefunded(facts: OrderRefundedFacts, words: NoticeWords): NoticeBody {
  return moneyBack("order_refunded", facts, words, [
    words.t(`order_refunded.cause.${facts.cause}`),
  ]);
}

/** The customer gave up what was booked for later: that it is so, and where the money goes. */
export function orderCancelled(facts: OrderCancelledFacts, words: NoticeWords): NoticeBody {
  return moneyBack("order_cancelled", facts, words, []);
}

/** Somebody of the operator gave money back for an order that was done; the order page has the amounts. */
export function refundGiven(facts: NoticeFacts, { t }: NoticeWords): NoticeBody {
  const number = harmless(facts.orderNumber);
  return {
    subject: t("refund_given.subject", { number }),
    content: {
      heading: t("refund_given.heading"),
      paragraphs: [t("refund_given.lead", { number })],
      facts: [[t("label.order"), number]],
      list: null,
    },
  };
}

function moneyBack(
  template: "order_refunded" | "order_cancelled",
  facts: OrderCancelledFacts,
  words: NoticeWords,
  cause: readonly string[],
): NoticeBody {
  const { t, formatDay, formatMoney } = words;
  const common = commonFacts(facts, words);
  const amount = formatMoney(facts.refund);
  const { destination } = facts;
  const origin =
    destination.kind === "original_method"
      ? { method: destination.method, by: formatDay(destination.arrivesBy) }
      : null;
  return {
    subject: t(`${template}.subject`, common),
    content: {
      heading: t(`${template}.heading`),
      paragraphs: [
        t(`${template}.lead`, common),
        ...cause,
        origin === null
          ? t("order_refunded.toBalance", { ...common, amount })
          : t("order_refunded.toMethod", { ...origin, amount }),
        t("order_refunded.unchanged"),
      ],
      facts: [
        [t("label.refund"), amount],
        [
          t("label.to"),
          origin === null
            ? t("order_refunded.destinationBalance", common)
            : t("order_refunded.destinationMethod", { method: origin.method }),
        ],
        ...(origin === null ? [] : [[t("label.by"), origin.by] as const]),
        [t("label.plan"), common.plan],
        [t("label.line"), t("esim", common)],
        [t("label.order"), common.number],
      ],
      list: null,
    },
  };
}
