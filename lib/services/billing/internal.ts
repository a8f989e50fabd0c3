import type { Customer } from "#lib/access/actor.ts";
import type { Prisma, Tx } from "#lib/db/client.ts";
import {
  billingForm,
  type BilledAccount,
  type BillingDetails,
  type BillingForm,
  type BillingProfile,
} from "#lib/domain/billing.ts";
import { toJson } from "#lib/domain/json.ts";

/** What is known of a customer for bills. */
export interface Billed {
  readonly account: BilledAccount;
  /** null: nothing has been kept yet. */
  readonly profile: BillingProfile | null;
  readonly form: BillingForm;
}

/** What is known of a customer for bills: the kept profile, and what the account says. */
export async function findBilled(
  reader: Pick<Tx, "account" | "taxRate">,
  customer: Customer,
): Promise<Billed> {
  const { billing: row, ...account } = await reader.account.findUniqueOrThrow({
    where: { id: customer.accountId },
    select: { name: true, email: true, phone: true, countryCode: true, billing: true },
  });
  // One after the other: a transaction has one connection.
  const markets = await reader.taxRate.findMany({
    where: { customerKind: "private" },
    select: { countryCode: true },
  });
  let profile: BillingProfile | null = null;
  if (row !== null) {
    const { deliveryEmail: email, deliveryPhone: phone } = row;
    profile = { email, phone, billing: detailsOf(row) };
  }
  return {
    account,
    profile,
    form: billingForm(
      profile,
      account,
      markets.map((market) => market.countryCode),
    ),
  };
}

function detailsOf(row: Prisma.BillingProfileModel): BillingDetails {
  const { kind, name, companyName, taxNumber, line1, line2, city, region, postalCode } = row;
  const { countryCode } = row;
  return {
    kind,
    name,
    companyName,
    taxNumber,
    line1,
    line2,
    city,
    region,
    postalCode,
    countryCode,
  };
}

/** Keeps a profile for the next order; one that says no more than the account does is not begun. */
export async function keepProfile(
  tx: Tx,
  customer: Customer,
  { account, profile: known }: Billed,
  profile: BillingProfile,
): Promise<void> {
  const isNews =
    billingSnapshot(profile, account) !== undefined ||
    profile.email !== account.email ||
    profile.phone !== account.phone;
  if (known === null && !isNews) return;
  const { billing, email, phone } = profile;
  // One statement: two tabs that are first at the same moment do not refuse each other.
  await tx.$executeRaw`
    INSERT INTO billing_profile (account_id, kind, name, company_name, tax_number, line1, line2, city, region,
        postal_code, country_code, delivery_email, delivery_phone)
      VALUES (${customer.accountId}::uuid, ${billing.kind}::"CustomerKind", ${billing.name}, ${billing.companyName},
        ${billing.taxNumber}, ${billing.line1}, ${billing.line2}, ${billing.city}, ${billing.region},
        ${billing.postalCode}, ${billing.countryCode}, ${email}, ${phone})
      ON CONFLICT (account_id) DO UPDATE SET kind = excluded.kind, name = excluded.name,
        company_name = excluded.company_name, tax_number = excluded.tax_number, line1 = excluded.line1,
        line2 = excluded.line2, city = excluded.city, region = excluded.region, postal_code = excluded.postal_code,
        country_code = excluded.country_code, delivery_email = excluded.delivery_email,
        delivery_phone = excluded.delivery_phone, updated_at = now()`;
}

/** The billing details as an order keeps them; undefined when they say no more than the account does. */
export function billingSnapshot(
  { billing }: BillingProfile,
  account: BilledAccount,
): Prisma.InputJsonValue | undefined {
  const saysMore =
    billing.kind === "company" || billing.line1 !== null || billing.name !== account.name;
  return saysMore ? (toJson(billing) as Prisma.InputJsonValue) : undefined;
}

/** The kept profile, or what stands for it where there is none. */
export function profileOf({ account, profile }: Billed): BillingProfile {
  if (profile !== null) return profile;
  return {
    email: account.email,
    phone: account.phone,
    billing: {
      kind: "private",
      name: account.name,
      companyName: null,
      taxNumber: null,
      line1: null,
      line2: null,
      city: null,
      region: null,
      postalCode: null,
      countryCode: account.countryCode,
    },
  };
}
