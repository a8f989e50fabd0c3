import type { OrderPaidScheduledFacts } from "./notice-data.ts";
import type { NoticeBody } from "./layout.ts";
import { commonFacts, type NoticeWords } from "./words.ts";

/** Paid, and it begins by itself on a later date. */
export function orderPaidScheduled(facts: OrderPaidScheduledFacts, words: NoticeWords): NoticeBody {
  const { t, formatDay, formatInstant, formatMoney, formatData } = words;
  const common = commonFacts(facts, words);
  const starts = formatInstant(facts.startsAt);
  return {
    subject: t("order_paid_scheduled.subject", { ...common, date: formatDay(facts.startsAt) }),
    content: {
      heading: t("order_paid_scheduled.heading"),
      paragraphs: [
        t("order_paid_scheduled.lead", { ...common, starts }),
        t("order_paid_scheduled.nothingToInstall"),
        t("order_paid_scheduled.willTell"),
      ],
      facts: [
        [t("label.plan"), common.plan],
        [t("label.line"), t("esim", common)],
        [t("label.data"), formatData(facts.dataBytes)],
        [t("label.starts"), starts],
        [t("label.validUntil"), formatInstant(facts.endsAt)],
        [t("label.paid"), formatMoney(facts.total)],
        [t("label.order"), common.number],
      ],
      list: null,
    },
  };
}
