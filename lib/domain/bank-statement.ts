/** One booked movement on a bank account of the operator. Dates are `YYYY-MM-DD`, the bank's own calendar. */
export interface StatementLine {
  /**
   * The same for the same movement in every file that tells of it, and different for different ones: account,
   * the bank's own reference, day, amount and currency, or without such a reference everything that is
   * told; lines of a statement that are still alike are counted. To be kept unique.
   */
  readonly lineId: string;
  readonly bookedOn: string;
  readonly valueOn: string;
  /** Minor units; what came in is positive, what went out negative. */
  readonly amountMinor: bigint;
  readonly currency: string;
  /** Who paid, or was paid. Written by strangers: hostile wherever it is shown. */
  readonly counterpartyName: string | null;
  readonly counterpartyAccount: string | null;
  /** What was written on the transfer, with structured references and the bank's additions, a line each. */
  readonly remittanceText: string;
  /** The bank's own reference of the movement. */
  readonly bankReference: string | null;
  /** An earlier movement taken back or returned: not a payment, even when money comes in. */
  readonly isReversal: boolean;
  /** Several transfers booked as one sum that the file does not break down: nobody's alone. */
  readonly isCollective: boolean;
}

/** A bank's statement of one account; lines in the order of the file. */
export interface Statement {
  /** The bank's own id, or one made from the file where it gives none. */
  readonly statementId: string;
  /** IBAN or the bank's own account number, without blanks and signs, in capitals. */
  readonly accountNumber: string;
  readonly currency: string;
  /** Booked balances, minor units; null where the file does not tell. Together with the lines they add up. */
  readonly openingMinor: bigint | null;
  readonly closingMinor: bigint | null;
  readonly lines: readonly StatementLine[];
  readonly notes: readonly StatementNote[];
}

/** What was read over in a statement, for a person to know. */
export type StatementNote =
  /** Entries that are announced, not booked: they come again in a later statement. */
  | { readonly code: "not_booked"; readonly count: number }
  /** Entries of nothing, such as a notice without a movement. */
  | { readonly code: "without_amount"; readonly count: number }
  /** Sums of several transfers which the file does not break down; see `isCollective`. */
  | { readonly code: "collective"; readonly count: number }
  /** No balances to compare the lines with: missing, or told on another page. */
  | { readonly code: "totals_not_checked" }
  /** It does not begin with the balance that the one before ended with. */
  | { readonly code: "statement_missing" };

/** Where in a file something is: a cell of a table, or an element, both as a person finds them. */
export type StatementPlace =
  | { readonly kind: "cell"; readonly line: number; readonly column: string }
  | { readonly kind: "element"; readonly path: string };

/** Why a file is not taken. Nothing of it is: half a statement is worse than none. */
export type StatementProblem =
  | { readonly code: "file_too_large"; readonly limitBytes: number }
  | { readonly code: "file_empty" }
  | { readonly code: "format_unknown" }
  | { readonly code: "encoding_unknown"; readonly encoding: string | null }
  | { readonly code: "xml_malformed"; readonly line: number | null; readonly detail: string }
  /** A document type declaration: statements have none, attacks do. */
  | { readonly code: "xml_declares_type" }
  | { readonly code: "xml_too_deep" }
  /** Well-formed, but another message or version; `found` is what it says it is. */
  | { readonly code: "not_a_statement"; readonly found: string }
  | { readonly code: "csv_malformed"; readonly line: number | null; readonly detail: string }
  | { readonly code: "header_not_found"; readonly missing: readonly StatementColumn[] }
  /** Two columns that could both be meant. */
  | {
      readonly code: "columns_ambiguous";
      readonly columns: readonly string[];
      readonly line: number;
    }
  | { readonly code: "row_too_long"; readonly line: number }
  | { readonly code: "account_missing" }
  /** The file is of another account than the one it was said to be of. */
  | { readonly code: "account_differs"; readonly found: string; readonly expected: string }
  /** No account of that currency in the settings has this number. */
  | { readonly code: "account_unknown"; readonly found: string; readonly currency: string }
  /** The same file was taken in before, read in another way: the hints were others. */
  | { readonly code: "read_otherwise" }
  | { readonly code: "currency_missing" }
  | { readonly code: "missing"; readonly place: StatementPlace }
  | { readonly code: "not_an_amount"; readonly place: StatementPlace; readonly text: string }
  /** More decimals than the currency has. */
  | {
      readonly code: "decimals_wrong";
      readonly place: StatementPlace;
      readonly text: string;
      readonly currency: string;
    }
  /** 1.234 may be a thousand or one and a bit, and nothing else in the file tells. */
  | { readonly code: "amount_ambiguous"; readonly place: StatementPlace; readonly text: string }
  | { readonly code: "not_a_date"; readonly place: StatementPlace; readonly text: string }
  /** 03/04 may be April or March, and nothing else in the file tells. */
  | { readonly code: "date_ambiguous"; readonly place: StatementPlace; readonly text: string }
  | { readonly code: "direction_unclear"; readonly place: StatementPlace; readonly text: string }
  | {
      readonly code: "currency_differs";
      readonly place: StatementPlace;
      readonly found: string;
      readonly expected: string;
    }
  | { readonly code: "value_unknown"; readonly place: StatementPlace; readonly text: string }
  /** The same statement, or the same page of it, is twice in the file. */
  | { readonly code: "statement_repeated"; readonly statementId: string }
  /** Opening balance and lines do not make the closing balance. `line` is where, when it is known. */
  | {
      readonly code: "totals_differ";
      readonly statementId: string;
      readonly currency: string;
      readonly openingMinor: bigint;
      readonly movedMinor: bigint;
      readonly closingMinor: bigint;
      readonly line: number | null;
    };

/** What a table of movements can tell, by our names. */
export type StatementColumn =
  | "bookedOn"
  | "valueOn"
  | "amount"
  | "debit"
  | "credit"
  | "direction"
  | "currency"
  | "balance"
  | "counterpartyName"
  | "counterpartyAccount"
  | "payerName"
  | "payerAccount"
  | "payeeName"
  | "payeeAccount"
  | "remittance"
  | "bankReference"
  | "account"
  | "status";

export type StatementReading =
  | { readonly ok: true; readonly statements: readonly Statement[] }
  | { readonly ok: false; readonly problem: StatementProblem };
