import { z } from "zod";
import {
  dayMs,
  defaultAccount,
  esimStatuses,
  hourMs,
  smdpStatuses,
  usualDailyUse,
} from "./model.ts";
import type { Esim } from "./model.ts";
import { newActivationCode } from "./numbers.ts";
import { vendorTime, EsimAccessRefusal } from "./wire.ts";
import { dueWarnings } from "./world.ts";
import type { EsimAccessWorld } from "./world.ts";

const bytes = z.number().int().nonnegative();
const moment = z.iso.datetime({ offset: true });

const packageSchema = z.strictObject({
  packageCode: z.string().min(1),
  slug: z.string().min(1).optional(),
  name: z.string().min(1),
  type: z.enum(["BASE", "TOPUP"]),
  /** USD × 10,000. */
  price: z.number().int().nonnegative(),
  /** Bytes. */
  volume: bytes,
  /** Days. */
  duration: z.number().int().positive(),
  /** Country codes, comma-separated. */
  location: z.string().min(2),
  description: z.string().optional(),
  speed: z.string().default("4G/5G"),
  /** 1 total, 2 daily then slow, 3 daily then cut off, 4 daily unlimited. */
  dataType: z.number().int().min(1).max(4).default(1),
  activeType: z.number().int().min(1).max(2).default(2),
  unusedValidTime: z.number().int().positive().default(180),
  smsStatus: z.number().int().min(0).max(2).default(1),
  fupPolicy: z.string().default(""),
  ipExport: z.string().default("HK"),
  retailPrice: z.number().int().nonnegative().optional(),
  networks: z
    .array(z.strictObject({ country: z.string(), operators: z.array(z.string()) }))
    .default([]),
  /** For top-ups: the base packages they fit; left out: every one of the same location. */
  topUpFor: z.array(z.string()).optional(),
});

const topUpSchema = z.strictObject({
  transactionId: z.string().min(1).max(50),
  packageCode: z.string(),
  at: moment,
  topUpEsimTranNo: z.string().optional(),
});

const esimSchema = z.strictObject({
  esimTranNo: z.string().min(1),
  orderNo: z.string().optional(),
  /** The transactionId of the order that created it. */
  transactionId: z.string().optional(),
  iccid: z.string().regex(/^\d{18,20}$/),
  /** The base package it was ordered with. */
  packageCode: z.string(),
  ac: z.string().startsWith("LPA:1$").optional(),
  eid: z.string().default(""),
  imsi: z.string().default(""),
  apn: z.string().default("internet"),
  smsStatus: z.number().int().min(0).max(2).default(1),
  smdpStatus: z.enum(smdpStatuses).default("ENABLED"),
  esimStatus: z.enum(esimStatuses).default("IN_USE"),
  /** Bytes in all, top-ups included. Left out: base package plus `topUps`. */
  totalVolume: bytes.optional(),
  /** Days in all. Left out: base package plus `topUps`. */
  totalDuration: z.number().int().positive().optional(),
  /** Bytes used as of `usedAsOf` (left out: as old as usage figures are). */
  usedBytes: bytes.default(0),
  usedAsOf: moment.optional(),
  /** Bytes a day used from then on while in use; left out: a figure made from esimTranNo; 0: none. */
  dailyUseBytes: bytes.optional(),
  expiredTime: moment,
  activateTime: moment.nullable().default(null),
  createdAt: moment.optional(),
  /** Successful top-ups of the past, oldest first; they take no credit. */
  topUps: z.array(topUpSchema).max(10).default([]),
  /** Top-ups that fit just this eSIM; left out: by its base package. */
  topUpPackageCodes: z.array(z.string()).optional(),
});

/**
 * What `POST /__sandbox/seed` of the eSIM Access stand-in takes: an upsert by packageCode and
 * esimTranNo. With `keepExisting` objects that are already there stay as they are. Nothing is
 * notified.
 */
export const esimAccessSeedSchema = z.strictObject({
  keepExisting: z.boolean().default(false),
  /** The reseller's balance, USD × 10,000. */
  credit: z.number().int().nonnegative().optional(),
  behaviour: z
    .strictObject({
      usageShape: z.enum(["list", "object"]),
      success: z.enum(["boolean", "text"]),
      allocationSeconds: z.number().nonnegative(),
      usageLagHours: z.number().nonnegative(),
    })
    .partial()
    .optional(),
  packages: z.array(packageSchema).default([]),
  esims: z.array(esimSchema).default([]),
});

export type EsimAccessSeedInput = z.input<typeof esimAccessSeedSchema>;
type Seed = z.output<typeof esimAccessSeedSchema>;

/** Writes the seed; returns how much it named. */
export function seedEsimAccess(world: EsimAccessWorld, seed: Seed): Record<string, number> {
  const { store } = world.standIn;
  const hasAccount = store.find("account", "account") !== null;
  if (seed.credit !== undefined && !(seed.keepExisting && hasAccount)) {
    world.saveAccount({ balance: seed.credit });
  }
  if (seed.behaviour) {
    const given = Object.fromEntries(
      Object.entries(seed.behaviour).filter(([, value]) => value !== undefined),
    );
    world.saveAccount({
      behaviour: { ...defaultAccount.behaviour, ...world.account().behaviour, ...given },
    });
  }
  for (const given of seed.packages) {
    if (seed.keepExisting && world.find("package", given.packageCode)) continue;
    seedPackage(world, given);
  }
  for (const given of seed.esims) {
    if (seed.keepExisting && world.find("esim", given.esimTranNo)) continue;
    seedEsim(world, given);
  }
  return { packages: seed.packages.length, esims: seed.esims.length };
}

function seedPackage(world: EsimAccessWorld, given: Seed["packages"][number]): void {
  const { networks, topUpFor, slug, description, retailPrice, ...fields } = given;
  world.save("package", given.packageCode, {
    ...fields,
    slug: slug ?? given.packageCode,
    description: description ?? given.name,
    retailPrice: retailPrice ?? given.price * 2,
    currencyCode: "USD",
    durationUnit: "DAY",
    supportTopUpType: 2,
    favorite: false,
    locationNetworkList: networks.map(({ country, operators }) => ({
      locationName: country,
      locationLogo: "",
      operatorList: operators.map((operatorName) => ({ operatorName, networkType: given.speed })),
    })),
    topUpFor: topUpFor ?? null,
  });
}

function seedEsim(world: EsimAccessWorld, given: Seed["esims"][number]): void {
  const base = world.find("package", given.packageCode);
  const extras = given.topUps.map((topUp) => world.find("package", topUp.packageCode));
  const all = [base, ...extras];
  if (all.some((each) => each === null)) {
    throw new EsimAccessRefusal("310241", `a package of eSIM ${given.esimTranNo}`);
  }
  const sum = (of: "volume" | "duration"): number =>
    all.reduce((total, each) => total + (each?.[of] ?? 0), 0);
  const now = world.now();
  const lag = world.account().behaviour.usageLagHours * hourMs;
  const known = world.find("esim", given.esimTranNo);
  const esim: Esim = {
    esimTranNo: given.esimTranNo,
    orderNo: given.orderNo ?? `B${given.esimTranNo}`,
    transactionId: given.transactionId ?? `order-${given.esimTranNo}`.slice(0, 50),
    iccid: given.iccid,
    imsi: given.imsi,
    msisdn: "",
    eid: given.eid,
    ac: given.ac ?? known?.ac ?? newActivationCode(),
    apn: given.apn,
    smsStatus: given.smsStatus,
    smdpStatus: given.smdpStatus,
    esimStatus: given.esimStatus,
    statusBeforeSuspension: null,
    packageCode: given.packageCode,
    totalVolume: given.totalVolume ?? sum("volume"),
    totalDuration: given.totalDuration ?? sum("duration"),
    usedBytes: given.usedBytes,
    usedAt: given.usedAsOf ? Date.parse(given.usedAsOf) : Math.floor((now - lag) / hourMs) * hourMs,
    dailyUseBytes: given.dailyUseBytes ?? usualDailyUse(given.esimTranNo),
    expiredTime: Date.parse(given.expiredTime),
    activateTime: given.activateTime === null ? null : Date.parse(given.activateTime),
    createdAt: given.createdAt
      ? Date.parse(given.createdAt)
      : (known?.createdAt ?? now - 30 * dayMs),
    topUpPackageCodes: given.topUpPackageCodes ?? null,
    notified: [],
  };
  const notified = dueWarnings(esim, world.usageOf(esim).usedBytes, now);
  world.save("esim", esim.esimTranNo, { ...esim, notified });
  for (const former of world.list("topUp", { esimTranNo: esim.esimTranNo })) {
    world.standIn.store.remove("topUp", former.transactionId);
  }
  for (const topUp of given.topUps) seedTopUp(world, esim, topUp);
}

function seedTopUp(world: EsimAccessWorld, esim: Esim, given: z.output<typeof topUpSchema>): void {
  const chosen = world.find("package", given.packageCode);
  const at = Date.parse(given.at);
  const topUpEsimTranNo = given.topUpEsimTranNo ?? `T${given.transactionId}`.slice(0, 50);
  world.save("topUp", given.transactionId, {
    transactionId: given.transactionId,
    esimTranNo: esim.esimTranNo,
    iccid: esim.iccid,
    packageCode: given.packageCode,
    volume: chosen?.volume ?? 0,
    duration: chosen?.duration ?? 0,
    price: chosen?.price ?? 0,
    at,
    wallAt: Math.min(at, world.standIn.clock.wall()),
    topUpEsimTranNo,
    answer: {
      transactionId: given.transactionId,
      iccid: esim.iccid,
      expiredTime: vendorTime(esim.expiredTime),
      totalVolume: esim.totalVolume,
      totalDuration: esim.totalDuration,
      orderUsage: esim.usedBytes,
      topUpEsimTranNo,
    },
  });
}
