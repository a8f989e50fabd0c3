import { randomUUID } from "node:crypto";
import pg from "pg";
import type { Customer, Staff, Visitor } from "#lib/access/actor.ts";
import { db, disconnect } from "#lib/db/client.ts";
import { openTestDatabase } from "./database.ts";
import { sandboxSecrets, startStandIns, type StandIns, type StartedStandIns } from "./stand-ins.ts";

const GB = 1024n ** 3n;
const DAY_MS = 86_400_000;

/** Where the factories put what they make; the settings of this process point at the same database. */
export interface Surroundings {
  readonly standIns: StandIns;
  /** Runs SQL as the owner of the tables, for looking behind the application's back. */
  sql<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
}

/** A database of its own and running stand-ins, with the settings of this process pointing at them. */
export interface World extends Surroundings {
  readonly standIns: StartedStandIns;
  close(): Promise<void>;
}

/** Call in `beforeAll`, before anything reads the settings; `close` in `afterAll`. */
export async function openWorld(): Promise<World> {
  const [database, standIns] = await Promise.all([openTestDatabase(), startStandIns()]);
  Object.assign(process.env, {
    APP_ENV: "test",
    DATABASE_URL: database.url,
    APP_URL: "http://localhost:3000",
    AUTH_SECRET: "a secret only tests know, long enough",
    LOG_LEVEL: "silent",
    PAYMENT_METHODS: "stripe,balance",
    STRIPE_SECRET_KEY: sandboxSecrets.stripeSecretKey,
    STRIPE_WEBHOOK_SECRET: sandboxSecrets.stripeWebhookSecret,
    STRIPE_API_BASE: standIns.addresses.stripe,
    CARRIERS: "esim_access",
    ESIM_ACCESS_CODE: sandboxSecrets.esimAccessCode,
    ESIM_ACCESS_SECRET: sandboxSecrets.esimAccessSecret,
    ESIM_ACCESS_API_BASE: standIns.addresses.esimAccess,
    SMTP_URL: standIns.addresses.smtp,
    MAIL_FROM: "Axis <no-reply@axis.example>",
  });
  const owner = new pg.Pool({ connectionString: database.ownerUrl, max: 2 });
  return {
    standIns,
    sql: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await owner.query<Row>(text, values)).rows,
    async close() {
      await disconnect();
      await owner.end();
      await standIns.stop();
      await database.close();
    },
  };
}

/** A plan that tests may shape; it costs 68.00 CNY, 30 days, 10 GB, unless said otherwise. */
export interface PlanShape {
  readonly code: string;
  readonly policy?: "add" | "queue" | "reset" | "replace" | "data_only";
  readonly days?: number;
  readonly bytes?: bigint;
  readonly priceMinor?: bigint;
  readonly currency?: string;
  readonly countries?: readonly string[];
  /** false: not on the carrier's top-up list. */
  readonly fits?: boolean;
}

/** Puts plans into the catalogue and their packages into the carrier's. */
export async function givePlans(world: Surroundings, shapes: readonly PlanShape[]): Promise<void> {
  for (const shape of shapes) {
    await db().plan.create({
      data: {
        code: shape.code,
        kind: shape.policy === "data_only" ? "addon" : "base",
        scope: "regional",
        name: { "zh-CN": `套餐 ${shape.code}`, en: `Plan ${shape.code}` },
        note: { "zh-CN": "", en: "" },
        dataBytes: shape.bytes ?? 10n * GB,
        validityUnit: "day",
        validityCount: shape.days ?? 30,
        renewalPolicy: shape.policy ?? "add",
        networkSpeed: "5G",
        carrier: "esim_access",
        carrierOfferCode: `T_${shape.code}`,
        prices: {
          create: { currency: shape.currency ?? "CNY", amountMinor: shape.priceMinor ?? 6800n },
        },
        coverages: {
          createMany: {
            data: (shape.countries ?? ["JP", "KR"]).map((countryCode) => ({
              countryCode,
              networks: ["Test Mobile"],
            })),
          },
        },
      },
    });
  }
  const location = (shape: PlanShape): string => (shape.countries ?? ["JP", "KR"]).join(",");
  await world.standIns.esimAccess.seed({
    credit: 1_000_000_000,
    packages: [
      {
        packageCode: "BASE",
        name: "Base",
        type: "BASE",
        price: 10_000,
        volume: Number(10n * GB),
        duration: 30,
        location: "JP,KR",
      },
      ...shapes.map((shape) => ({
        packageCode: `T_${shape.code}`,
        name: shape.code,
        type: "TOPUP" as const,
        price: 20_000,
        volume: Number(shape.bytes ?? 10n * GB),
        duration: shape.days ?? 30,
        location: location(shape),
        topUpFor: shape.fits === false ? [] : ["BASE"],
      })),
    ],
  });
}

/** A customer with one eSIM on which a 10 GB period runs, 0.8 GB and three days of it left. */
export interface Renewer {
  readonly customer: Customer;
  readonly iccid: string;
  readonly esimId: string;
  readonly esimTranNo: string;
  /** End of the running period; null when there is none. */
  readonly until: Date | null;
}

export async function giveRenewer(
  world: Surroundings,
  options: {
    readonly balanceMinor?: bigint;
    readonly currency?: string;
    readonly period?: boolean;
    readonly locale?: "zh-CN" | "en";
    /** Days until the running period ends. */
    readonly until?: number;
  } = {},
): Promise<Renewer> {
  const { balanceMinor = 0n, currency = "CNY", period = true, locale = "en" } = options;
  const id = randomUUID();
  const account = await db().account.create({
    data: {
      email: `${id}@customers.example`,
      emailVerifiedAt: new Date(),
      name: "Test Person",
      locale,
      timeZone: "Asia/Shanghai",
      currency,
      countryCode: "CN",
    },
  });
  const iccid = `8986${String(BigInt(`0x${id.replaceAll("-", "").slice(0, 13)}`))
    .padStart(15, "0")
    .slice(-15)}`;
  // The carrier counts in whole seconds.
  const until = new Date(Math.floor(Date.now() / 1000) * 1000 + (options.until ?? 3) * DAY_MS);
  const esimTranNo = id.replaceAll("-", "").slice(0, 14);
  const esim = await db().esim.create({
    data: {
      accountId: account.id,
      iccid,
      carrier: "esim_access",
      carrierEsimId: esimTranNo,
      label: "Travel",
      smdpAddress: "smdp.example",
      matchingId: "MATCH-1",
      profileState: "enabled",
      networkState: "active",
      carrierTotalBytes: 10n * GB,
      carrierUsedBytes: 10n * GB - 800n * 1024n ** 2n,
      carrierExpiresAt: until,
      usageAsOf: new Date(Date.now() - 3 * 3_600_000),
      lastCountryCode: "JP",
    },
  });
  if (period) await givePeriod(esim.id, until);
  await world.standIns.esimAccess.seed({
    esims: [
      {
        esimTranNo,
        iccid,
        packageCode: "BASE",
        totalVolume: Number(10n * GB),
        usedBytes: Number(10n * GB - 800n * 1024n ** 2n),
        dailyUseBytes: 0,
        expiredTime: until.toISOString(),
        activateTime: new Date(until.getTime() - 30 * DAY_MS).toISOString(),
      },
    ],
  });
  if (balanceMinor > 0n) await giveBalance(world, account.id, currency, balanceMinor);
  return {
    customer: {
      kind: "customer",
      accountId: account.id,
      sessionId: randomUUID(),
      name: account.name,
      email: account.email,
      locale,
      timeZone: account.timeZone,
      currency,
      countryCode: account.countryCode,
    },
    iccid,
    esimId: esim.id,
    esimTranNo,
    until: period ? until : null,
  };
}

async function givePeriod(esimId: string, until: Date): Promise<void> {
  const plan = await db().plan.findFirstOrThrow();
  const startsAt = new Date(until.getTime() - 30 * DAY_MS);
  const period = await db().period.create({
    data: { esimId, planId: plan.id, startsAt, endsAt: until, state: "active" },
  });
  await db().bucket.create({
    data: {
      esimId,
      periodId: period.id,
      totalBytes: 10n * GB,
      remainingBytes: 800n * 1024n ** 2n,
      validFrom: startsAt,
      validUntil: until,
      asOf: new Date(),
    },
  });
}

/** Opens a balance, booked as such. */
export async function giveBalance(
  world: Surroundings,
  accountId: string,
  currency: string,
  amountMinor: bigint,
): Promise<void> {
  await world.sql(
    `WITH accounts AS (
       INSERT INTO ledger_account (id, code, currency, account_id)
         VALUES (gen_random_uuid(), 'customer_balance', $2, $1), (gen_random_uuid(), 'opening_equity', $2, NULL)
         ON CONFLICT ON CONSTRAINT ledger_account_once DO NOTHING RETURNING id, code),
     known AS (SELECT id, code FROM accounts UNION
       SELECT id, code FROM ledger_account WHERE currency = $2 AND code = 'opening_equity' AND account_id IS NULL),
     booked AS (INSERT INTO journal (id, kind, source_id, currency, actor_kind)
         VALUES (gen_random_uuid(), 'balance.opened', gen_random_uuid(), $2, 'system') RETURNING id)
     INSERT INTO ledger_entry (id, journal_id, ledger_account_id, amount_minor)
       SELECT gen_random_uuid(), booked.id, known.id,
              CASE known.code WHEN 'customer_balance' THEN -$3::bigint ELSE $3::bigint END
         FROM booked, known`,
    [accountId, currency, amountMinor.toString()],
  );
}

/** Somebody of the operator's support. */
export async function giveStaff(): Promise<Staff> {
  const account = await db().account.create({
    data: {
      role: "support",
      email: `${randomUUID()}@staff.example`,
      emailVerifiedAt: new Date(),
      name: "Support Person",
      timeZone: "Europe/London",
      currency: "GBP",
      countryCode: "GB",
    },
  });
  return {
    kind: "staff",
    accountId: account.id,
    sessionId: randomUUID(),
    role: "support",
    name: account.name,
    email: account.email,
    locale: "en",
    timeZone: account.timeZone,
  };
}

export function visitorFrom(address: string): Visitor {
  return { kind: "visitor", locale: "en", address };
}
