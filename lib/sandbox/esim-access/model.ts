import { createHash } from "node:crypto";

/** A package of the catalogue, with the vendor's own field names. Money is USD × 10,000, volume bytes. */
export interface Package {
  packageCode: string;
  slug: string;
  name: string;
  price: number;
  currencyCode: "USD";
  volume: number;
  duration: number;
  durationUnit: "DAY";
  /** Country codes, comma-separated. */
  location: string;
  description: string;
  speed: string;
  dataType: number;
  activeType: number;
  unusedValidTime: number;
  smsStatus: number;
  supportTopUpType: number;
  favorite: boolean;
  retailPrice: number;
  ipExport: string;
  fupPolicy: string;
  locationNetworkList: {
    locationName: string;
    locationLogo: string;
    operatorList: { operatorName: string; networkType: string }[];
  }[];
  /** Ours: whether it begins an eSIM or tops one up. */
  type: "BASE" | "TOPUP";
  /** Ours: base packages it fits; null = those of the same location. */
  topUpFor: string[] | null;
}

export const esimStatuses = [
  "GOT_RESOURCE",
  "IN_USE",
  "USED_UP",
  "USED_EXPIRED",
  "UNUSED_EXPIRED",
  "CANCEL",
  "REVOKED",
  "SUSPENDED",
] as const;
export type EsimStatus = (typeof esimStatuses)[number];

export const smdpStatuses = [
  "RELEASED",
  "DOWNLOAD",
  "INSTALLATION",
  "ENABLED",
  "DISABLED",
  "DELETED",
] as const;
export type SmdpStatus = (typeof smdpStatuses)[number];

/** An eSIM as kept. Times are milliseconds since the epoch. */
export interface Esim {
  esimTranNo: string;
  orderNo: string;
  /** The transactionId of the order that created it. */
  transactionId: string;
  iccid: string;
  imsi: string;
  msisdn: string;
  eid: string;
  ac: string;
  apn: string;
  smsStatus: number;
  smdpStatus: SmdpStatus;
  esimStatus: EsimStatus;
  /** What it goes back to when a suspension ends. */
  statusBeforeSuspension: EsimStatus | null;
  packageCode: string;
  totalVolume: number;
  totalDuration: number;
  /** Bytes used as of `usedAt`; from then on `dailyUseBytes` a day are used while it is in use. */
  usedBytes: number;
  usedAt: number;
  dailyUseBytes: number;
  expiredTime: number;
  activateTime: number | null;
  createdAt: number;
  /** Top-ups that fit it; null = by package. */
  topUpPackageCodes: string[] | null;
  /** Usage thresholds and the expiry warning already notified. */
  notified: string[];
}

/** A successful top-up, kept under its transactionId. */
export interface TopUp {
  transactionId: string;
  esimTranNo: string;
  iccid: string;
  packageCode: string;
  volume: number;
  duration: number;
  price: number;
  /** Business time of the top-up. */
  at: number;
  /** Real time, by which a blind look-up measures. */
  wallAt: number;
  topUpEsimTranNo: string;
  /** The first answer, given again when the transactionId comes again. */
  answer: Record<string, unknown>;
}

/** An order for new eSIMs. */
export interface Order {
  orderNo: string;
  transactionId: string;
  createdAt: number;
  /** Real time at which the profiles are there. */
  readyAt: number;
  allocated: boolean;
  items: { packageCode: string; count: number; periodNum: number | null }[];
  amount: number;
}

/** A text message sent to a line. */
export interface Sms {
  id: string;
  esimTranNo: string;
  iccid: string;
  message: string;
  at: number;
}

/** The reseller's account and how the vendor answers today. */
export interface Account {
  /** USD × 10,000. */
  balance: number;
  /** The address saved by webhook/save, or null for the application's own. */
  webhook: string | null;
  behaviour: Behaviour;
}

/** Where the sources about this vendor disagree, and what may differ from day to day. */
export interface Behaviour {
  /** `obj` itself, or `obj.esimUsageList`. */
  usageShape: "list" | "object";
  /** `true`, or "true". */
  success: "boolean" | "text";
  /** How long profiles are being allocated after an order, real seconds. */
  allocationSeconds: number;
  /** How old usage figures are at least, business hours. */
  usageLagHours: number;
}

export const defaultAccount: Account = {
  balance: 0,
  webhook: null,
  behaviour: { usageShape: "object", success: "boolean", allocationSeconds: 2, usageLagHours: 2 },
};

export const dayMs = 24 * 3600 * 1000;
export const hourMs = 3600 * 1000;
export const mostTopUps = 10;

/** Bytes a day that this eSIM uses unless told otherwise: 30–150 MiB, the same every time. */
export function usualDailyUse(esimTranNo: string): number {
  const byte = createHash("sha256").update(esimTranNo).digest()[0] ?? 0;
  return (30 + Math.floor((byte * 120) / 255)) * 1024 * 1024;
}
