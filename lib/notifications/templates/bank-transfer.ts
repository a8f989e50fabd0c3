import { translator } from "#lib/i18n/translator.ts";
import { harmless, type NoticeBody } from "./layout.ts";
import type {
  PaymentExpiredFacts,
  TransferCreditedFacts,
  TransferFacts,
  TransferShortFacts,
} from "./notice-data.ts";
import type { NoticeWords } from "./words.ts";

/** How to transfer: everything that goes into the bank's form, and until when. */
export function bankTransferInstructions(facts: TransferFacts, words: NoticeWords): NoticeBody {
  return asking("bank_transfer_instructions", facts, words, {});
}

/** Nothing has arrived yet: the same once more. */
export function bankTransferReminder(facts: TransferFacts, words: NoticeWords): NoticeBody {
  return asking("bank_transfer_reminder", facts, words, {});
}

/** Less than asked for has arrived, and is kept: how much is missing. */
export function bankTransferShort(facts: TransferShortFacts, words: NoticeWords): NoticeBody {
  const received = words.formatMoney(facts.received);
  return asking("bank_transfer_short", facts, words, { received });
}

function asking(
  template: "bank_transfer_instructions" | "bank_transfer_reminder" | "bank_transfer_short",
  facts: TransferFacts,
  words: NoticeWords,
  more: Readonly<Record<string, string>>,
): NoticeBody {
  const { locale, t, formatInstant, formatMoney } = words;
  const label = translator(locale, "transfer");
  const about = aboutOrder(facts, words);
  const amount = formatMoney(facts.missing);
  return {
    subject: t(`${template}.subject`, { ...about, amount }),
    content: {
      heading: t(`${template}.heading`),
      paragraphs: [
        t(`${template}.lead`, { ...about, ...more, amount, payBy: formatInstant(facts.payBy) }),
        t("transfer.reference"),
        t("transfer.days"),
      ],
      facts: [
        ...facts.instructions.map(({ field, shown }): [string, string] => [
          label(`field.${field}`),
          harmless(field === "amount" ? `${shown} ${facts.missing.currency}` : shown),
        ]),
        [t("label.payBy"), formatInstant(facts.payBy)],
        [t("label.order"), about.number],
      ],
      list: null,
    },
  };
}

/** A transfer came for an order that did not wait for it: it is on the balance. */
export function bankTransferCredited(facts: TransferCreditedFacts, words: NoticeWords): NoticeBody {
  const { t, formatMoney } = words;
  const amount = formatMoney(facts.credited);
  const number = harmless(facts.orderNumber);
  const brand = harmless(facts.brand);
  return {
    subject: t("bank_transfer_credited.subject", { amount, number }),
    content: {
      heading: t("bank_transfer_credited.heading"),
      paragraphs: [t("bank_transfer_credited.lead", { amount, number, brand })],
      facts: [
        [t("label.amount"), amount],
        [t("label.order"), number],
      ],
      list: null,
    },
  };
}

/** The order was not paid in time and is closed; what had arrived is on the balance. */
export function paymentExpired(facts: PaymentExpiredFacts, words: NoticeWords): NoticeBody {
  const { t, formatMoney } = words;
  const about = aboutOrder(facts, words);
  const isNothing = facts.received.amountMinor === 0n;
  const received = formatMoney(facts.received);
  return {
    subject: t("payment_expired.subject", about),
    content: {
      heading: t("payment_expired.heading"),
      paragraphs: [
        t("payment_expired.lead", about),
        isNothing
          ? t("payment_expired.nothing")
          : t("payment_expired.partly", { amount: received, brand: harmless(facts.brand) }),
        t("payment_expired.late", { brand: harmless(facts.brand) }),
      ],
      facts: [
        [t("label.amount"), formatMoney(facts.total)],
        [t("label.order"), about.number],
      ],
      list: null,
    },
  };
}

/** What was ordered, in the words of the language, and the order's number. */
function aboutOrder(
  facts: Pick<TransferFacts, "planName" | "orderNumber">,
  { locale, t }: NoticeWords,
): { readonly what: string; readonly number: string } {
  const what = facts.planName === null ? t("transfer.topUp") : harmless(facts.planName[locale]);
  return { what, number: harmless(facts.orderNumber) };
}
