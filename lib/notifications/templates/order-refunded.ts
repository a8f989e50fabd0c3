import { harmless, type NoticeBody } from "./layout.ts";
import type {
  NoticeFacts,
  OrderCancelledFacts,
  OrderRefundedFacts,
  RefundFacts,
} from "./notice-data.ts";
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
  const { t } = words;
  const common = commonFacts(facts, words);
  const sent = facts.refunds.map((refund) => described(refund, common, words));
  return {
    subject: t(`${template}.subject`, common),
    content: {
      heading: t(`${template}.heading`),
      paragraphs: [
        t(`${template}.lead`, common),
        ...cause,
        ...sent.map(({ sentence }) => sentence),
        t("order_refunded.unchanged"),
      ],
      facts: [
        ...sent.flatMap(({ rows }) => rows),
        [t("label.plan"), common.plan],
        [t("label.line"), t("esim", common)],
        [t("label.order"), common.number],
      ],
      list: null,
    },
  };
}

/** What goes back to one place, as a sentence and as rows. */
function described(
  { amount: refund, destination }: RefundFacts,
  common: ReturnType<typeof commonFacts>,
  { t, formatDay, formatMoney }: NoticeWords,
): { readonly sentence: string; readonly rows: readonly (readonly [string, string])[] } {
  const amount = formatMoney(refund);
  if (destination.kind === "balance") {
    return {
      sentence: t("order_refunded.toBalance", { ...common, amount }),
      rows: [
        [t("label.refund"), amount],
        [t("label.to"), t("order_refunded.destinationBalance", common)],
      ],
    };
  }
  const { method } = destination;
  const by = formatDay(destination.arrivesBy);
  return {
    sentence: t("order_refunded.toMethod", { method, by, amount }),
    rows: [
      [t("label.refund"), amount],
      [t("label.to"), t("order_refunded.destinationMethod", { method })],
      [t("label.by"), by],
    ],
  };
}
