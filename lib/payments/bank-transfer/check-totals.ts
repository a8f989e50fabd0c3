import type { LineDraft } from "./line-identity.ts";
import { StatementRefusal } from "./statement-refusal.ts";

/**
 * Refuses a statement whose opening balance and lines do not make its closing balance: something is
 * missing in it, or was changed. Returns whether there were balances to compare.
 */
export function checkTotals(statement: {
  readonly statementId: string;
  readonly currency: string;
  readonly openingMinor: bigint | null;
  readonly closingMinor: bigint | null;
  readonly lines: readonly Pick<LineDraft, "amountMinor">[];
}): boolean {
  const { statementId, currency, openingMinor, closingMinor, lines } = statement;
  if (openingMinor === null || closingMinor === null) return false;
  const movedMinor = lines.reduce((total, { amountMinor }) => total + amountMinor, 0n);
  if (openingMinor + movedMinor === closingMinor) return true;
  throw new StatementRefusal({
    code: "totals_differ",
    statementId,
    currency,
    openingMinor,
    movedMinor,
    closingMinor,
    line: null,
  });
}
