import type { Prisma } from "#lib/db/generated/client.ts";
import type { CarrierEsim } from "./carrier-esim.ts";

/** Everything the people of the demo have, as rows; filled by the stories, written by `write.ts`. */
export interface SeedRows {
  readonly accounts: Prisma.AccountCreateManyInput[];
  readonly billingProfiles: Prisma.BillingProfileCreateManyInput[];
  readonly providerCustomers: Prisma.ProviderCustomerCreateManyInput[];
  readonly savedMethods: Prisma.SavedMethodCreateManyInput[];
  readonly esims: Prisma.EsimCreateManyInput[];
  readonly orders: Prisma.OrderCreateManyInput[];
  readonly orderItems: Prisma.OrderItemCreateManyInput[];
  readonly periods: Prisma.PeriodCreateManyInput[];
  readonly buckets: Prisma.BucketCreateManyInput[];
  readonly activations: Prisma.ActivationCreateManyInput[];
  readonly payments: Prisma.PaymentCreateManyInput[];
  readonly refunds: Prisma.RefundCreateManyInput[];
  readonly ledgerAccounts: Prisma.LedgerAccountCreateManyInput[];
  readonly journals: Prisma.JournalCreateManyInput[];
  readonly ledgerEntries: Prisma.LedgerEntryCreateManyInput[];
  readonly bankStatements: Prisma.BankStatementCreateManyInput[];
  readonly bankLines: Prisma.BankLineCreateManyInput[];
  readonly notices: Prisma.NoticeCreateManyInput[];
  readonly auditEvents: Prisma.AuditEventCreateManyInput[];
  /** The same eSIMs as the carrier knows them, for the stand-in. */
  readonly carrierEsims: CarrierEsim[];
  /** The situation each order is meant to be in, by its number; what the tests hold the rows against. */
  readonly phases: Map<string, string>;
}

/** No rows yet. */
export function emptyRows(): SeedRows {
  return {
    accounts: [],
    billingProfiles: [],
    providerCustomers: [],
    savedMethods: [],
    esims: [],
    orders: [],
    orderItems: [],
    periods: [],
    buckets: [],
    activations: [],
    payments: [],
    refunds: [],
    ledgerAccounts: [],
    journals: [],
    ledgerEntries: [],
    bankStatements: [],
    bankLines: [],
    notices: [],
    auditEvents: [],
    carrierEsims: [],
    phases: new Map(),
  };
}
