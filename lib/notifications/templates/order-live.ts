import type { OrderLiveFacts } from "./notice-data.ts";
import type { NoticeBody } from "./layout.ts";
import { commonFacts, type NoticeWords } from "./words.ts";

/** The new period is on: what, until when, and that the eSIM simply carries on. */
export function orderLive(facts: OrderLiveFacts, words: NoticeWords): NoticeBody {
  const { t, formatInstant, formatMoney, formatData } = words;
  const common = commonFacts(facts, words);
  const until = formatInstant(facts.validUntil);
  return {
    subject: t("order_live.subject", common),
    content: {
      heading: t("order_live.heading"),
      paragraphs: [t("order_live.lead", { ...common, until }), t("order_live.nothingToInstall")],
      facts: [
        [t("label.plan"), common.plan],
        [t("label.line"), t("esim", common)],
        [t("label.data"), formatData(facts.dataBytes)],
        [t("label.usableFrom"), formatInstant(facts.usableFrom)],
        [t("label.validUntil"), until],
        [t("label.paid"), formatMoney(facts.total)],
        [t("label.order"), common.number],
      ],
      list: {
        title: t("order_live.checkTitle"),
        items: [
          t("order_live.check1"),
          t("order_live.check2"),
          t("order_live.check3", { url: facts.links.esim }),
        ],
      },
    },
  };
}
