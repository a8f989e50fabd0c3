/** A movement as a statement tells it. */
export interface BookedTransfer {
  /** In the order of booking. */
  number: number;
  amountMinor: bigint;
  name: string;
  text: string;
  /** `YYYY-MM-DD`, as all days here. */
  bookedOn: string;
  valueOn: string;
  counterpartyAccount: string | null;
  bankReference: string | null;
  isReversal: boolean;
  /** Announced, not booked: in no balance. */
  isPending: boolean;
  /** Transfers of one day that the bank books as one sum. */
  batch: string | null;
}

/** A statement of an account from one day to another, both included. */
export interface BankStatement {
  id: string;
  account: string;
  holder: string;
  currency: string;
  from: string;
  to: string;
  openingMinor: bigint;
  closingMinor: bigint;
  transfers: BookedTransfer[];
  /** Decimals written beyond those of the currency. */
  extraDecimals: number;
  /** Longest piece of remittance text on a line; null: not broken. */
  textWidth: number | null;
}

/** Puts a statement together; `transfers` are all of the account, by day. */
export function assembleStatement(
  account: { account: string; holder: string; currency: string; openingMinor: bigint },
  transfers: readonly BookedTransfer[],
  period: { from: string; to: string },
): BankStatement {
  const { from, to } = period;
  const sum = (of: readonly BookedTransfer[]): bigint =>
    of.reduce((total, each) => (each.isPending ? total : total + each.amountMinor), 0n);
  const before = transfers.filter(({ bookedOn }) => bookedOn < from);
  const within = transfers.filter(({ bookedOn }) => bookedOn >= from && bookedOn <= to);
  const openingMinor = account.openingMinor + sum(before);
  return {
    id: `${account.account}-${from}-${to}`.slice(-35),
    account: account.account,
    holder: account.holder,
    currency: account.currency,
    from,
    to,
    openingMinor,
    closingMinor: openingMinor + sum(within),
    transfers: within,
    extraDecimals: 0,
    textWidth: null,
  };
}
