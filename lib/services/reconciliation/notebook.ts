import { toDecimal, type Money } from "#lib/domain/money.ts";
import type { DifferenceKind } from "#lib/domain/reconciliation.ts";
import type { PaymentAdapter, ProviderPayout } from "#lib/payments/port.ts";

/** What is compared, each by itself: one that cannot be asked leaves the others as they are. */
export type Scope = PaymentAdapter["id"] | "esim_access" | "books" | "orders";

/** What puts a difference right, where that is safe. */
export type Repair =
  /** `providerReference`: by which the provider is asked, when we had not stored it yet. */
  | {
      readonly act: "settle";
      readonly paymentId: string;
      readonly providerReference: string | null;
    }
  | { readonly act: "mirror"; readonly paymentId: string }
  /** The carrier is asked about the item again, whenever that was to be. */
  | { readonly act: "activate"; readonly orderId: string }
  /** The order gets the time back at which somebody looks at it. */
  | { readonly act: "resume"; readonly orderId: string }
  | {
      readonly act: "book_payout";
      readonly adapter: PaymentAdapter["id"];
      readonly payout: ProviderPayout;
    };

/** A difference that was found. */
export interface Finding {
  readonly kind: DifferenceKind;
  readonly scope: Scope;
  /** What it is about, unique within its scope. */
  readonly about: string;
  readonly orderNumber: string | null;
  /** What our books say. */
  readonly expected: string;
  /** What the other side says. */
  readonly actual: string;
  readonly repair?: Repair;
}

/** More than this are not written down: then something is wrong that no list of differences explains. */
const MOST_FINDINGS = 1_000;
/** How many a provider is asked about singly in one comparison. */
const MOST_QUESTIONS = 500;

/** Somebody could not be asked about everything, so that nobody knows whether there is a difference. */
export class CouldNotTellError extends Error {
  override readonly name = "CouldNotTellError";
}

/** What one comparison has found so far. */
export class Notebook {
  readonly #findings = new Map<string, Finding>();
  readonly #compared = new Set<Scope>();
  readonly #untold = new Map<Scope, string>();
  readonly #onProgress: (checked: number) => Promise<void>;
  #checked = 0;
  #toldAt = 0;

  /** @param onProgress told from time to time how much was compared */
  constructor(onProgress: (checked: number) => Promise<void>) {
    this.#onProgress = onProgress;
  }

  /** How many facts were held against each other. */
  get checked(): number {
    return this.#checked;
  }

  get findings(): readonly Finding[] {
    return [...this.#findings.values()];
  }

  /** What was compared to the end. */
  get compared(): readonly Scope[] {
    return [...this.#compared];
  }

  /** Who could not be asked, and why. */
  get untold(): ReadonlyMap<Scope, string> {
    return this.#untold;
  }

  /** Counts what was compared. */
  async count(facts: number): Promise<void> {
    this.#checked += facts;
    if (this.#checked - this.#toldAt < 500) return;
    this.#toldAt = this.#checked;
    await this.#onProgress(this.#checked);
  }

  /** Writes a difference down. Throws {@link CouldNotTellError} when there are too many. */
  add(finding: Finding): void {
    const ofScope = this.findings.filter((known) => known.scope === finding.scope);
    if (ofScope.length >= MOST_FINDINGS) {
      throw new CouldNotTellError(`more than ${MOST_FINDINGS} differences`);
    }
    this.#findings.set(`${finding.kind} ${subjectOf(finding)}`, finding);
  }

  finish(scope: Scope): void {
    this.#compared.add(scope);
  }

  couldNotTell(scope: Scope, why: string): void {
    this.#untold.set(scope, why);
  }
}

/** The questions about single things that may still be asked of one provider. */
export class Questions {
  #left = MOST_QUESTIONS;

  /** Takes one. Throws {@link CouldNotTellError} when there are none left. */
  ask(): void {
    if (this.#left === 0)
      throw new CouldNotTellError(`more than ${MOST_QUESTIONS} to be asked about`);
    this.#left -= 1;
  }
}

/** Names a difference: the same kind and subject is the same difference, whenever it is found. */
export function subjectOf(finding: Pick<Finding, "kind" | "scope" | "about">): string {
  return `${finding.scope}/${finding.about}`;
}

/** An amount as reports and monitors read it: `68.00 CNY`. */
export function amountText(amount: Money | null): string {
  return amount === null ? "nothing" : `${toDecimal(amount)} ${amount.currency}`;
}
