import { createHash } from "node:crypto";
import type { StatementLine } from "#lib/domain/bank-statement.ts";
import { cleanOrNull } from "./clean-text.ts";

/** A line before it has its identity. */
export type LineDraft = Omit<StatementLine, "lineId">;

/** What banks write where they have no reference. */
const NO_REFERENCE = /^(NONREF|NOREF|NOTPROVIDED|NOT PROVIDED|N\/?A|0+|-+)$/i;

/** The bank's own reference, or null when there is none to go by. */
export function cleanBankReference(text: string | null): string | null {
  const reference = withoutPlaceholder(text);
  return reference === null ? null : cleanOrNull(reference, "account");
}

/** A text, or null where a bank only says that it has none: `NOTPROVIDED`, zeros, dashes. */
export function withoutPlaceholder(text: string | null): string | null {
  const told = text?.trim() ?? "";
  return told === "" || NO_REFERENCE.test(told) ? null : told;
}

/**
 * Gives each line of one statement its identity; see {@link StatementLine.lineId}. Day and amount belong to
 * it even where the bank gives a reference: some banks count references from one every day, or give all
 * transfers of a batch the same.
 *
 * @param alike how often each kind of line was met in earlier pages of the same statement; counted on
 */
export function identifyLines(
  accountNumber: string,
  drafts: readonly LineDraft[],
  alike: Map<string, number>,
): StatementLine[] {
  return drafts.map((draft) => {
    const amount = [draft.bookedOn, draft.amountMinor.toString(), draft.currency];
    const key =
      draft.bankReference === null
        ? JSON.stringify([
            "told",
            accountNumber,
            ...amount,
            draft.valueOn,
            draft.counterpartyName,
            draft.counterpartyAccount,
            draft.remittanceText,
            draft.isReversal,
          ])
        : JSON.stringify(["referenced", accountNumber, ...amount, draft.bankReference]);
    const position = alike.get(key) ?? 0;
    alike.set(key, position + 1);
    const lineId = createHash("sha256").update(`${key}${position}`).digest("hex");
    return { lineId, ...draft };
  });
}
