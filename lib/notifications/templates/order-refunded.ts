import type { OrderRefundedFacts } from "./notice-data.ts";
import type { NoticeBody } from "./layout.ts";
import { commonFacts, type NoticeWords } from "./words.ts";

/** The plan could not be switched on: why, where the money goes, and by when it is there. */
export function orderRefunded(facts: OrderRefundedFacts, words: NoticeWords): NoticeBody {
  const { t, formatDay, formatMoney } = words;
  const common = commonFacts(facts, words);
  const amount = formatMoney(facts.refund);
  const { destination } = facts;
  const by = destination.kind === "original_method" ? formatDay(destination.arrivesBy) : null;
  return {
    subject: t("order_refunded.subject", common),
    content: {
      heading: t("order_refunded.heading"),
      paragraphs: [
        t("order_refunded.lead", common),
        t(`order_refunded.cause.${facts.cause}`),
        by === null
          ? t("order_refunded.toBalance", { ...common, amount })
          : t("order_refunded.toMethod", { amount, by }),
        t("order_refunded.unchanged"),
      ],
      facts: [
        [t("label.refund"), amount],
        [
          t("label.to"),
          by === null
            ? t("order_refunded.destinationBalance", common)
            : t("order_refunded.destinationMethod"),
        ],
        ...(by === null ? [] : [[t("label.by"), by] as const]),
        [t("label.plan"), common.plan],
        [t("label.line"), t("esim", common)],
        [t("label.order"), common.number],
      ],
      list: null,
    },
  };
}
