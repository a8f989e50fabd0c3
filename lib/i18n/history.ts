import type { HistoryEntry } from "#lib/domain/history.ts";
import { documentKindName } from "./document.ts";
import { formatDate, type Reader } from "./format.ts";
import { translator } from "./translator.ts";

/** An entry of the history in words: of what kind it is, what it was, how it stands. */
export interface HistoryWords {
  readonly kind: string;
  readonly what: string;
  readonly state: string;
}

export function historyWords(entry: HistoryEntry, reader: Reader, now: Date): HistoryWords {
  const { locale } = reader;
  const t = translator(locale, "history");
  const order = translator(locale, "order");
  switch (entry.kind) {
    case "order":
      return {
        kind: t("kindName.order"),
        what: entry.planName?.[locale] ?? order("topUp"),
        state: order(`shortPhase.${entry.phase}`),
      };
    case "payment": {
      const kind = entry.isRefund ? "refund" : "payment";
      return {
        kind: t(`kindName.${kind}`),
        what: t(`what.${kind}`, { method: order(`methodName.${entry.method}`) }),
        state: t(`state.${kind}`, { state: entry.state }),
      };
    }
    case "period":
      return {
        kind: t("kindName.period"),
        what: t("what.period", {
          plan: entry.planName[locale],
          from: formatDate(entry.startsAt, reader, "date"),
          to: formatDate(entry.endsAt, reader, "date"),
        }),
        state: t("state.period", {
          state: entry.state === "active" && entry.endsAt <= now ? "terminated" : entry.state,
        }),
      };
    case "message":
      return {
        kind: t("kindName.message"),
        what: t("what.message", { template: entry.template }),
        state: t("state.message", { state: entry.state }),
      };
    case "document":
      return {
        kind: t("kindName.document"),
        what: translator(locale, "document")("title", {
          kind: documentKindName(entry.documentKind, locale),
          number: entry.number,
        }),
        state: t("state.document"),
      };
  }
}
