import { harmless, type NoticeBody } from "./layout.ts";
import type { TopUpFacts } from "./notice-data.ts";
import type { NoticeWords } from "./words.ts";

/** The money is on the balance. */
export function balanceToppedUp(facts: TopUpFacts, words: NoticeWords): NoticeBody {
  return about("balance_topped_up", facts, words);
}

/** A top-up could not be booked and goes back. */
export function topUpRefunded(facts: TopUpFacts, words: NoticeWords): NoticeBody {
  return about("topup_refunded", facts, words);
}

function about(
  template: "balance_topped_up" | "topup_refunded",
  facts: TopUpFacts,
  { t, formatMoney }: NoticeWords,
): NoticeBody {
  const amount = formatMoney(facts.total);
  const number = harmless(facts.orderNumber);
  const brand = harmless(facts.brand);
  return {
    subject: t(`${template}.subject`, { amount, number }),
    content: {
      heading: t(`${template}.heading`),
      paragraphs: [t(`${template}.lead`, { amount, brand })],
      facts: [
        [t("label.amount"), amount],
        [t("label.order"), number],
      ],
      list: null,
    },
  };
}
