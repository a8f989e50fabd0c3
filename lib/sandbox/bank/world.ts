import { AdminRefusal } from "../admin.ts";
import type { StandIn } from "../stand-in.ts";
import { toMinor } from "./money.ts";
import type { BookedTransfer } from "./statement.ts";

/** An account of the operator at the bank. */
export interface Account {
  account: string;
  currency: string;
  holder: string;
  /** Balance before the first transfer, minor units as decimal text. */
  openingMinor: string;
}

/** One movement, as it is kept. */
export interface Transfer extends Omit<BookedTransfer, "amountMinor"> {
  account: string;
  /** Minor units as decimal text; what comes in is positive. */
  amountMinor: string;
}

/** What `POST /__sandbox/transfer` says, defaults filled in. */
export interface NewTransfer {
  account: string;
  currency: string;
  amount: string;
  name: string;
  text: string;
  bookedOn?: string | undefined;
  valueOn?: string | undefined;
  counterpartyAccount?: string | undefined;
  isReversal: boolean;
  isPending: boolean;
  batch?: string | undefined;
}

/** The bank's accounts and what was booked on them. */
export class BankWorld {
  readonly standIn: StandIn;

  constructor(standIn: StandIn) {
    this.standIn = standIn;
    standIn.store.index("transfer", "account");
  }

  accounts(): Account[] {
    return this.standIn.store
      .list<Account>("account")
      .map(({ doc }) => doc)
      .toReversed();
  }

  findAccount(account: string): Account | null {
    return this.standIn.store.find<Account>("account", account);
  }

  /** Opens an account, or changes its holder and first balance. */
  saveAccount(given: {
    account: string;
    currency: string;
    holder: string;
    opening: string;
  }): Account {
    const { account, currency, holder, opening } = given;
    const openingMinor = toMinor(opening, currency);
    if (openingMinor === null) throw new AdminRefusal(`Not an amount: ${opening}`, 400);
    const known = this.findAccount(account);
    if (known && known.currency !== currency) {
      throw new AdminRefusal(`The account is in ${known.currency}`, 400);
    }
    const saved = { account, currency, holder, openingMinor: openingMinor.toString() };
    this.standIn.store.put("account", account, saved);
    return saved;
  }

  /** Books a movement; an account that is not known is opened for it. */
  book(given: NewTransfer): Transfer {
    const { account, currency } = given;
    const known = this.findAccount(account);
    if (!known) this.saveAccount({ account, currency, holder: "Axis", opening: "0" });
    else if (known.currency !== currency) {
      throw new AdminRefusal(`The account is in ${known.currency}`, 400);
    }
    const amountMinor = toMinor(given.amount, currency);
    if (amountMinor === null) throw new AdminRefusal(`Not an amount: ${given.amount}`, 400);
    const bookedOn = given.bookedOn ?? this.today();
    const number = this.standIn.store.list("transfer").length + 1;
    const transfer: Transfer = {
      number,
      account,
      amountMinor: amountMinor.toString(),
      name: given.name,
      text: given.text,
      bookedOn,
      valueOn: given.valueOn ?? bookedOn,
      counterpartyAccount: given.counterpartyAccount ?? null,
      bankReference: `${bookedOn.replaceAll("-", "")}${String(number).padStart(8, "0")}`,
      isReversal: given.isReversal,
      isPending: given.isPending,
      batch: given.batch ?? null,
    };
    this.standIn.store.put("transfer", String(number), transfer);
    return transfer;
  }

  /** The movements of an account, by day and then in the order in which they were booked. */
  transfers(account: string): Transfer[] {
    return this.standIn.store
      .list<Transfer>("transfer", { account })
      .map(({ doc }) => doc)
      .toSorted((a, b) => a.bookedOn.localeCompare(b.bookedOn) || a.number - b.number);
  }

  /** The bank's day. */
  today(): string {
    return new Date(this.standIn.clock.now()).toISOString().slice(0, 10);
  }
}
