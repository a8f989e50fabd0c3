import type { Prisma } from "#lib/db/generated/client.ts";
import { dueDocuments } from "./documents.ts";
import { planIdOf } from "./line.ts";
import { PRICE_CURRENCIES } from "./plan-row.ts";
import { PLANS } from "./plans.ts";
import type { SeedRows } from "./rows.ts";
import { TAX_RATES } from "./tax-rates.ts";

/** Writes plans with prices and coverage, and the tax rates. */
export async function writeCatalogue(tx: Prisma.TransactionClient, now: Date): Promise<void> {
  await tx.taxRate.createMany({ data: [...TAX_RATES] });
  await tx.plan.createMany({
    data: PLANS.map((plan, index) => ({
      id: planIdOf(plan),
      code: plan.code,
      kind: plan.kind,
      scope: plan.scope,
      name: { ...plan.name },
      note: { ...plan.note },
      dataBytes: plan.dataBytes,
      validityUnit: plan.validity.unit,
      validityCount: plan.validity.count,
      renewalPolicy: plan.renewalPolicy,
      activationRule: plan.activationRule,
      networkSpeed: plan.networkSpeed,
      fairUseBytes: plan.fairUseBytes,
      throttleKbps: plan.throttleKbps,
      hotspot: plan.hotspot,
      carrier: "esim_access",
      carrierOfferCode: plan.wholesale.topUpCode,
      sort: (index + 1) * 10,
      createdAt: now,
    })),
  });
  await tx.planPrice.createMany({
    data: PLANS.flatMap((plan) =>
      PRICE_CURRENCIES.map((currency) => ({
        planId: planIdOf(plan),
        currency,
        amountMinor: plan.prices[currency],
      })),
    ),
  });
  await tx.planCoverage.createMany({
    data: PLANS.flatMap((plan) =>
      plan.coverage.map(({ countryCode, networks }) => ({
        planId: planIdOf(plan),
        countryCode,
        networks: [...networks],
      })),
    ),
  });
}

/** Writes the people with all they have. Balances follow from the ledger by trigger. */
export async function writePeople(tx: Prisma.TransactionClient, rows: SeedRows): Promise<void> {
  await tx.account.createMany({ data: rows.accounts });
  await tx.billingProfile.createMany({ data: rows.billingProfiles });
  await tx.providerCustomer.createMany({ data: rows.providerCustomers });
  await tx.savedMethod.createMany({ data: rows.savedMethods });
  await tx.esim.createMany({ data: rows.esims });
  await tx.order.createMany({ data: rows.orders });
  await tx.orderItem.createMany({ data: rows.orderItems });
  await tx.period.createMany({ data: rows.periods });
  await tx.bucket.createMany({ data: rows.buckets });
  await tx.activation.createMany({ data: rows.activations });
  await tx.payment.createMany({ data: rows.payments });
  await tx.refund.createMany({ data: rows.refunds });
  await tx.document.createMany({ data: dueDocuments(rows) });
  await tx.ledgerAccount.createMany({ data: rows.ledgerAccounts });
  await tx.journal.createMany({ data: rows.journals });
  await tx.ledgerEntry.createMany({ data: inOrderOfTime(rows) });
  await tx.bankStatement.createMany({ data: rows.bankStatements });
  await tx.bankLine.createMany({ data: rows.bankLines });
  await tx.notice.createMany({ data: rows.notices });
  await tx.auditEvent.createMany({ data: rows.auditEvents });
}

/** A balance may never be below zero, not even between two rows: what came first goes in first. */
function inOrderOfTime(rows: SeedRows): SeedRows["ledgerEntries"] {
  const times = new Map(
    rows.journals.map((journal) => [journal.id, new Date(journal.bookedAt ?? 0).getTime()]),
  );
  const timeOf = (journalId: string): number => times.get(journalId) ?? 0;
  return rows.ledgerEntries.toSorted((a, b) => timeOf(a.journalId) - timeOf(b.journalId));
}
