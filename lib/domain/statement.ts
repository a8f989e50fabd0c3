import type { LocalizedText } from "./locale.ts";
import type { Money } from "./money.ts";
import type { MethodOption } from "./payment-method.ts";

/** One change of a balance, with its reason. */
export interface StatementLine {
  readonly at: Date;
  /** What was booked; there is a text for each. */
  readonly kind: string;
  readonly isTopUp: boolean;
  readonly orderNumber: string | null;
  readonly planName: LocalizedText | null;
  /** Positive: more on the balance. */
  readonly change: Money;
  readonly balanceAfter: Money;
}

export interface Statement {
  readonly balance: Money;
  /** Set aside for orders whose other part is being paid. */
  readonly reserved: Money;
  /** What the customer owes for a top-up that was spent and then taken back; the next top-up settles it. */
  readonly owed: Money;
  /** Balances in other currencies, such as a bank transfer left; each has a statement of its own. */
  readonly others: readonly Money[];
  readonly lines: readonly StatementLine[];
  readonly page: number;
  readonly pages: number;
  /** What can pay for a top-up; nothing in a currency that is not the account's. */
  readonly methods: readonly MethodOption[];
}
