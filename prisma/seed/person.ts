import type { Prisma } from "#lib/db/generated/client.ts";
import type { AccountRole } from "#lib/domain/account.ts";
import type { Locale } from "#lib/domain/locale.ts";
import { money } from "#lib/domain/money.ts";
import type { Books } from "./books.ts";
import { dayClock, type DayClock } from "./day-clock.ts";
import { lettersOf, uuidOf } from "./ids.ts";
import type { PriceCurrency } from "./plan-row.ts";
import type { SeedRows } from "./rows.ts";

/** What is told of somebody who can sign in. */
interface PersonFacts {
  /** The part of the e-mail address before `@axis.example`. */
  readonly key: string;
  readonly role?: AccountRole;
  readonly name: string;
  readonly phone: string | null;
  readonly locale: Locale;
  readonly timeZone: string;
  readonly currency: PriceCurrency;
  readonly countryCode: string;
  /** Days since the account was made. */
  readonly sinceDays: number;
}

/** What the stories of one moment of seeding share. */
export interface Setting {
  readonly now: Date;
  readonly rows: SeedRows;
  readonly books: Books;
  /** Argon2id, of the password that everybody in the demo has. */
  readonly passwordHash: string;
}

/** Somebody of the demo, to whom eSIMs and orders are added. */
export interface Person extends PersonFacts {
  readonly accountId: string;
  readonly email: string;
  readonly clock: DayClock;
  readonly setting: Setting;
}

/** Writes the account and its first audit event. */
export function addPerson(setting: Setting, facts: PersonFacts): Person {
  const email = `${facts.key}@axis.example`;
  const accountId = uuidOf("account", email);
  const clock = dayClock(setting.now, facts.timeZone);
  const createdAt = clock.at(-facts.sinceDays, "10:12");
  setting.rows.accounts.push({
    id: accountId,
    role: facts.role ?? "customer",
    email,
    emailVerifiedAt: new Date(createdAt.getTime() + 4 * 60_000),
    passwordHash: setting.passwordHash,
    name: facts.name,
    phone: facts.phone,
    locale: facts.locale,
    timeZone: facts.timeZone,
    currency: facts.currency,
    countryCode: facts.countryCode,
    createdAt,
  });
  setting.rows.auditEvents.push({
    id: uuidOf("audit", "account.registered", accountId),
    at: createdAt,
    actorKind: "system",
    action: "account.registered",
    subject: `account ${accountId}`,
    reason: "taken over from the system before",
  });
  return { ...facts, accountId, email, clock, setting };
}

/** Gives a customer the balance brought along from the system before, in minor units. */
export function openBalance(person: Person, amountMinor: bigint): void {
  person.setting.books.openBalance(
    person.accountId,
    money(amountMinor, person.currency),
    person.clock.at(-person.sinceDays, "10:15"),
  );
}

/** What somebody has told of the address and, for a company, of its name and number. */
type BillingFacts = Pick<
  Prisma.BillingProfileCreateManyInput,
  "kind" | "companyName" | "taxNumber" | "line1" | "line2" | "city" | "region" | "postalCode"
>;

/** Keeps billing details of an earlier order. Messages go where the account says. */
export function keepBilling(person: Person, facts: BillingFacts, at: Date): void {
  person.setting.rows.billingProfiles.push({
    accountId: person.accountId,
    name: person.name,
    ...facts,
    countryCode: person.countryCode,
    deliveryEmail: person.email,
    deliveryPhone: person.phone,
    updatedAt: at,
  });
}

/** Has Stripe keep a card: 4242 4242 4242 4242, which its stand-in lets pay. */
export function keepCard(person: Person, goodUntil: string, at: Date): void {
  const { accountId } = person;
  person.setting.rows.providerCustomers.push({
    accountId,
    adapter: "stripe",
    providerReference: `cus_${lettersOf(14, "customer", person.key)}`,
    createdAt: at,
  });
  person.setting.rows.savedMethods.push({
    id: uuidOf("saved method", person.key),
    accountId,
    adapter: "stripe",
    providerReference: `pm_${lettersOf(24, "card", person.key)}`,
    methodType: "card",
    label: "Visa •••• 4242",
    goodUntil,
    createdAt: at,
  });
}
