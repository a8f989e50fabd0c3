import type { PrismaClient } from "#lib/db/generated/client.ts";
import type { NetworkState, ProfileState } from "#lib/domain/esim.ts";
import { isLocale } from "#lib/domain/locale.ts";
import { money, toDecimal } from "#lib/domain/money.ts";
import { toPayPalAmount } from "#lib/payments/paypal/wire.ts";
import { stripeAdapter } from "#lib/payments/stripe/adapter.ts";
import { toStripeAmount } from "#lib/payments/stripe/amounts.ts";
import { accountNumberOf, DEMO_BANK_ACCOUNTS } from "./bank-accounts.ts";
import type { CarrierEsim } from "./carrier-esim.ts";
import { reachOf } from "./networks.ts";
import { planIdOf } from "./line.ts";
import { PRICE_CURRENCIES, type PlanRow } from "./plan-row.ts";
import { PLANS } from "./plans.ts";
import type { SeedRows } from "./rows.ts";

/** Where the stand-ins of the demo listen. */
export interface StandInAddresses {
  readonly stripe: string;
  readonly stripeSecretKey: string;
  readonly paypal: string;
  readonly esimAccess: string;
  /** Left out: the bank's stand-in is not filled. */
  readonly bank?: string | undefined;
  /** Base URL of the portal: hosted payment pages lead back to it. */
  readonly app: string;
}

/** The operator's credit with the carrier: 50,000 US dollars, in ten-thousandths. */
const CREDIT = 500_000_000;

/**
 * Tells the stand-ins what the database says they hold, so that a fresh demo reconciles without a
 * difference: the carrier its packages and the eSIMs with all that was put on them, Stripe and PayPal
 * their payments and refunds. Orders that wait for a payment page get one.
 */
export async function fillStandIns(
  prisma: PrismaClient,
  rows: SeedRows,
  standIns: StandInAddresses | null,
  report: (line: string) => void,
): Promise<void> {
  if (standIns === null) {
    report("No stand-ins were named: only the database was filled.");
    return;
  }
  const { esimAccess, stripe, paypal } = standIns;
  const found = await Promise.all([esimAccess, stripe, paypal].map(isThere));
  if (found.includes(false)) {
    report("The stand-ins do not answer: only the database was filled.");
    return;
  }
  await post(esimAccess, esimAccessSeed(rows.carrierEsims));
  await post(stripe, stripeSeed(rows));
  await post(paypal, paypalSeed(rows));
  if (standIns.bank !== undefined) await post(standIns.bank, bankSeed(rows));
  await beginOpenPayments(prisma, rows, standIns);
  report(`The stand-ins hold the same ${rows.carrierEsims.length} eSIMs and their payments.`);
}

/** Whether something that can be seeded listens there. */
async function isThere(base: string): Promise<boolean> {
  try {
    const response = await fetch(new URL("/__sandbox/faults", base), {
      signal: AbortSignal.timeout(5_000),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // Nobody listens: said so by the caller.
    return false;
  }
}

async function post(base: string, body: object): Promise<void> {
  const response = await fetch(new URL("/__sandbox/seed", base), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) {
    throw new Error(`The stand-in refused the seed: ${response.status} ${await response.text()}`);
  }
}

// ------------------------------------------------------------------ eSIM Access

/** What `POST /__sandbox/seed` of the eSIM Access stand-in takes. */
export function esimAccessSeed(esims: readonly CarrierEsim[]): object {
  const byCode = new Map(PLANS.map((plan) => [plan.wholesale.topUpCode, plan]));
  const packages = [...byCode.values()];
  return {
    credit: CREDIT,
    packages: [
      ...packages.map((plan) => packageOf(plan, "BASE")),
      ...packages.map((plan) => packageOf(plan, "TOPUP")),
    ],
    esims: esims.map(esimOf),
  };
}

function packageOf(plan: PlanRow, type: "BASE" | "TOPUP"): object {
  const { wholesale, coverage } = plan;
  return {
    packageCode: type === "BASE" ? wholesale.baseCode : wholesale.topUpCode,
    slug: type === "BASE" ? wholesale.slug : `TOPUP_${wholesale.slug}`,
    name: plan.name.en,
    type,
    price: Number(wholesale.costUsdTenThousandths),
    volume: Number(wholesale.volumeBytes),
    duration: wholesale.durationDays,
    location: coverage.map((country) => country.countryCode).join(","),
    speed: plan.networkSpeed === "5G" ? "3G/4G/5G" : "3G/4G",
    dataType: plan.fairUseBytes === null ? 1 : 2,
    fupPolicy: plan.throttleKbps === null ? "" : `${plan.throttleKbps} Kbps`,
    networks: coverage.map((country) => ({
      country: country.countryCode,
      operators: [...country.networks],
    })),
  };
}

const ESIM_STATUS: Readonly<Record<NetworkState, string>> = {
  not_active: "GOT_RESOURCE",
  active: "IN_USE",
  depleted: "USED_UP",
  expired: "USED_EXPIRED",
  suspended: "SUSPENDED",
  cancelled: "CANCEL",
};

const SMDP_STATUS: Readonly<Record<ProfileState, string>> = {
  available: "RELEASED",
  allocated: "RELEASED",
  confirmed: "RELEASED",
  released: "RELEASED",
  downloaded: "DOWNLOAD",
  installed: "INSTALLATION",
  enabled: "ENABLED",
  disabled: "DISABLED",
  deleted: "DELETED",
  error: "DELETED",
  unavailable: "DELETED",
};

function esimOf(esim: CarrierEsim): object {
  const [base, ...topUps] = esim.packages;
  return {
    esimTranNo: esim.esimTranNo,
    orderNo: esim.orderNo,
    iccid: esim.iccid,
    packageCode: base?.packageCode ?? plansFor(esim)[0]?.wholesale.baseCode,
    ac: `LPA:1$${esim.smdpAddress}$${esim.matchingId}`,
    smdpStatus: SMDP_STATUS[esim.profileState],
    esimStatus: ESIM_STATUS[esim.networkState],
    totalVolume: Number(esim.totalBytes),
    usedBytes: Number(esim.usedBytes),
    usedAsOf: esim.usageAsOf.toISOString(),
    // Figures stay as they were told: what is seen does not depend on when one looks.
    dailyUseBytes: 0,
    expiredTime: esim.expiresAt.toISOString(),
    activateTime: base?.orderedAt.toISOString() ?? null,
    createdAt: esim.createdAt.toISOString(),
    topUps: topUps.map((topUp) => ({
      transactionId: topUp.transactionId,
      packageCode: topUp.packageCode,
      at: topUp.orderedAt.toISOString(),
      topUpEsimTranNo: topUp.carrierReference,
    })),
    topUpPackageCodes: [
      ...new Set(takesTopUps(esim) ? plansFor(esim).map((plan) => plan.wholesale.topUpCode) : []),
    ],
  };
}

/** The carrier tops up what is new, in use or used up, never what has ended. */
function takesTopUps(esim: CarrierEsim): boolean {
  return ["not_active", "active", "depleted"].includes(esim.networkState);
}

function plansFor(esim: CarrierEsim): readonly PlanRow[] {
  return reachOf(esim.area).flatMap((area) => PLANS.filter((plan) => plan.area === area));
}

// ------------------------------------------------------------------ the bank

/** The operator's accounts at the bank, and the transfers that its statements told of. */
function bankSeed(rows: SeedRows): object {
  return {
    accounts: PRICE_CURRENCIES.map((currency) => ({
      account: accountNumberOf(currency),
      currency,
      holder: DEMO_BANK_ACCOUNTS[currency].accountHolder,
      opening: openingOf(rows, currency),
    })),
    transfers: rows.bankLines.map((line) => ({
      id: line.id,
      account: line.accountNumber,
      currency: line.currency,
      amount: toDecimal(money(BigInt(line.amountMinor), line.currency)),
      name: line.counterpartyName ?? "",
      text: line.remittanceText,
      bookedOn: isoOf(line.bookedOn).slice(0, 10),
      valueOn: isoOf(line.valueOn).slice(0, 10),
      ...(line.counterpartyAccount ? { counterpartyAccount: line.counterpartyAccount } : {}),
    })),
  };
}

function openingOf(rows: SeedRows, currency: string): string {
  const statement = rows.bankStatements.find((each) => each.currency === currency);
  return toDecimal(money(BigInt(statement?.openingMinor ?? 0), currency));
}

// ------------------------------------------------------------------ Stripe

/** What `POST /__sandbox/seed` of the Stripe stand-in takes. */
function stripeSeed(rows: SeedRows): object {
  const orders = new Map(rows.orders.map((order) => [order.id, order]));
  const status = { settled: "succeeded", pending: "processing", failed: "failed" } as const;
  const customers = new Map(rows.providerCustomers.map((each) => [each.accountId, each]));
  return {
    customers: rows.providerCustomers.map(({ accountId, providerReference, createdAt }) => {
      const account = rows.accounts.find((each) => each.id === accountId);
      return {
        id: providerReference,
        email: account?.email,
        metadata: { account_id: accountId },
        createdAt: isoOf(createdAt),
      };
    }),
    paymentMethods: rows.savedMethods.map(({ accountId, providerReference, createdAt }) => ({
      id: providerReference,
      customer: customers.get(accountId)?.providerReference,
      createdAt: isoOf(createdAt),
    })),
    payments: rows.payments.flatMap((payment) => {
      if (payment.adapter !== "stripe" || !payment.providerPaymentId) return [];
      if (
        payment.state === "created" ||
        payment.state === "expired" ||
        payment.state === "reserved"
      )
        return [];
      const metadata = {
        payment_id: payment.id,
        order_number: orders.get(payment.orderId)?.number ?? "",
      };
      return [
        {
          paymentIntent: payment.providerPaymentId,
          session: payment.providerReference,
          amount: stripeAmount(payment),
          currency: payment.currency.toLowerCase(),
          status: status[payment.state],
          description: metadata.order_number,
          clientReferenceId: payment.id,
          metadata,
          createdAt: isoOf(payment.createdAt),
          refunds: rows.refunds
            .filter((refund) => refund.paymentId === payment.id && refund.providerReference)
            .map((refund) => ({
              id: refund.providerReference,
              amount: stripeAmount(refund),
              status: refund.state,
              metadata: { refund_id: refund.id },
              createdAt: isoOf(refund.createdAt),
            })),
        },
      ];
    }),
  };
}

function stripeAmount(row: {
  readonly amountMinor: bigint | number;
  readonly currency: string;
}): number {
  const amount = toStripeAmount(money(BigInt(row.amountMinor), row.currency));
  if (!amount.ok) throw new Error(`Stripe takes no such amount: ${amount.code}`);
  return amount.amount;
}

// ------------------------------------------------------------------ PayPal

/** What `POST /__sandbox/seed` of the PayPal stand-in takes: what was captured, and given back of it. */
function paypalSeed(rows: SeedRows): object {
  const statusOf = {
    created: "PENDING",
    pending: "PENDING",
    succeeded: "COMPLETED",
    failed: "FAILED",
  } as const;
  const orders = new Map(rows.orders.map((order) => [order.id, order]));
  return {
    payments: rows.payments.flatMap((payment) => {
      const { adapter, state, providerPaymentId, providerReference } = payment;
      if (adapter !== "paypal" || state !== "settled") return [];
      const order = orders.get(payment.orderId);
      const payer = rows.accounts.find((account) => account.id === order?.accountId);
      if (!order || !payer || !providerPaymentId || !providerReference) {
        throw new Error(`Payment ${payment.id} hangs in the air`);
      }
      return [
        {
          capture: providerPaymentId,
          order: providerReference,
          amount: paypalAmount(payment),
          currency: payment.currency,
          customId: payment.id ?? null,
          invoiceId: order.number,
          payer: payer.email,
          createdAt: isoOf(payment.settledAt ?? payment.createdAt),
          refunds: rows.refunds.flatMap((refund) =>
            refund.paymentId === payment.id && refund.providerReference
              ? [
                  {
                    id: refund.providerReference,
                    amount: paypalAmount(refund),
                    status: statusOf[refund.state],
                    customId: refund.id ?? null,
                    createdAt: isoOf(refund.createdAt),
                  },
                ]
              : [],
          ),
        },
      ];
    }),
  };
}

function paypalAmount(row: {
  readonly amountMinor: bigint | number;
  readonly currency: string;
}): string {
  const amount = toPayPalAmount(money(BigInt(row.amountMinor), row.currency));
  if (!amount.ok) throw new Error(`PayPal takes no such amount: ${amount.code}`);
  return amount.amount.value;
}

function isoOf(time: Date | string | undefined): string {
  return new Date(time ?? 0).toISOString();
}

/** Begins the payments that were only placed, as lib/services/payment/start-payment.ts does. */
async function beginOpenPayments(
  prisma: PrismaClient,
  rows: SeedRows,
  { stripe, stripeSecretKey, app }: StandInAddresses,
): Promise<void> {
  const adapter = stripeAdapter({
    secretKey: stripeSecretKey,
    webhookSecrets: [],
    methodTypes: [],
    apiBase: stripe,
    timeoutMs: 10_000,
  });
  for (const payment of rows.payments) {
    if (payment.adapter !== "stripe" || payment.state !== "created") continue;
    const order = rows.orders.find((row) => row.id === payment.orderId);
    const item = rows.orderItems.find((row) => row.orderId === payment.orderId);
    const account = rows.accounts.find((row) => row.id === order?.accountId);
    const plan = PLANS.find((row) => planIdOf(row) === item?.planId);
    if (!order || !account || !plan || !isLocale(order.locale)) {
      throw new Error(`Payment ${payment.id} hangs in the air`);
    }
    const page = `${app}/orders/${order.number}`;
    const started = await adapter.start({
      paymentId: payment.id ?? "",
      orderNumber: order.number,
      amount: money(BigInt(payment.amountMinor), payment.currency),
      description: plan.name[order.locale],
      methodType: null,
      customerReference: null,
      saveMethod: false,
      customerEmail: account.email,
      locale: order.locale,
      successUrl: `${page}?returned=1`,
      cancelUrl: page,
      expiresAt: new Date(payment.expiresAt ?? 0),
    });
    if (started.kind !== "redirect") {
      throw new Error(`Stripe's stand-in did not open a payment page: ${started.reason}`);
    }
    await prisma.payment.update({
      where: { id: payment.id ?? "" },
      data: {
        state: "pending",
        providerReference: started.providerReference,
        redirectUrl: started.url,
        expiresAt: started.expiresAt,
        nextPollAt: started.expiresAt,
      },
    });
    await prisma.order.update({ where: { id: order.id ?? "" }, data: { state: "pending" } });
  }
}
