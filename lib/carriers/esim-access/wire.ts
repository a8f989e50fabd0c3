import { z } from "zod";
import type {
  ActivateOutcome,
  ActivateRequest,
  CarrierOffer,
  CarrierOrder,
  EsimReference,
  EsimUsage,
  ListedEsim,
  RejectReason,
} from "../port.ts";

/**
 * Reads JSON and keeps whole numbers that a double cannot hold as their digits: an ICCID that comes
 * as a bare number would otherwise be rounded to somebody else's. Null when it is no JSON.
 */
export function parseJsonKeepingDigits(text: string): unknown {
  const keepDigits = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    const isRounded = typeof value === "number" && !Number.isSafeInteger(value);
    return isRounded && /^-?\d+$/.test(context?.source ?? "") ? context?.source : value;
  };
  try {
    return JSON.parse(text, keepDigits) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Texts arrive as texts, or as numbers where they happen to be digits. */
const text = z.union([z.string(), z.number().transform(String)]).transform((value) => value.trim());
const optionalText = text.nullish().catch(null);

/** Whole numbers arrive as numbers or as their digits; bytes beyond 2^53 as digits only. */
const wholeNumber = z
  .union([z.int().transform(String), z.string().regex(/^-?\d+$/)])
  .transform((digits) => BigInt(digits));
const count = wholeNumber.pipe(z.bigint().nonnegative());
const optionalCount = count.nullish().catch(null);

const AnswerSchema = z.object({
  success: z.union([z.boolean(), z.enum(["true", "false"]).transform((value) => value === "true")]),
  errorCode: optionalText,
  errorMsg: optionalText,
  obj: z.unknown().optional(),
});

/** The envelope of every answer; null when it is none. */
export function readAnswer(
  answer: unknown,
): { success: true; obj: unknown } | { success: false; code: string; message: string } | null {
  const result = AnswerSchema.safeParse(answer);
  if (!result.success) return null;
  const { success, errorCode, errorMsg, obj } = result.data;
  if (success) return { success, obj };
  return { success, code: errorCode ?? "", message: (errorMsg ?? "").slice(0, 200) };
}

/**
 * A time of eSIM Access, always UTC: "2026-03-12T23:59:59+0000", "2026-03-12 23:59:59", milliseconds
 * optional. Null when it is none.
 */
export function readTime(value: string): Date | null {
  const parts = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/.exec(
    value,
  );
  if (parts === null) return null;
  const [, day, clock, fraction = "", given = "Z"] = parts;
  const zone = given === "Z" ? given : `${given.slice(0, 3)}:${given.slice(-2)}`;
  const time = new Date(`${day}T${clock}${fraction.slice(0, 4)}${zone}`);
  return Number.isNaN(time.getTime()) ? null : time;
}

/**
 * What a refusal of a top-up means (eSIM Access API, "Error codes"). `busy` is certain not to have
 * acted and may pass by itself: a busy system, but also our own clock, address or secret, which are
 * for the operator to put right and no reason to give a customer up. `unknown` is what may have acted.
 *
 * No code of its own is documented for an expired eSIM or for the eleventh top-up; they come as "state
 * forbids", told apart by their message.
 */
export function readRefusal(code: string, message: string): ActivateOutcome {
  const detail = `${code} ${message}`.trim();
  const reason = REASONS[code];
  if (reason !== undefined) return { kind: "rejected", reason, detail };
  switch (code) {
    case "900001":
      return { kind: "busy", retryAfterSeconds: 5, detail };
    case "101001":
    case "101002":
    case "101003":
      return { kind: "busy", retryAfterSeconds: 60, detail };
    case "":
    case "000001":
    case "200010":
      return { kind: "unknown", detail };
    case "200002":
      return { kind: "rejected", reason: stateReason(message), detail };
    default:
      return { kind: "rejected", reason: "carrier_refused", detail };
  }
}

const REASONS: Readonly<Record<string, RejectReason>> = {
  "200007": "reseller_credit_exhausted",
  "200009": "esim_state",
  "200011": "out_of_stock",
  "310241": "offer_not_found",
  "310243": "offer_not_found",
  "310403": "esim_not_found",
};

function stateReason(message: string): RejectReason {
  if (/expire/i.test(message)) return "esim_expired";
  if (/limit|maximum|exceed|at most/i.test(message)) return "topup_limit_reached";
  return "esim_state";
}

/** Ten top-ups of a year at most, and the base package: no eSIM serves longer than this. */
const LONGEST_SERVICE_MS = 11 * 366 * 86_400_000;

const TopupSchema = z.object({
  transactionId: optionalText,
  iccid: optionalText,
  packageCode: optionalText,
  expiredTime: optionalText,
  totalVolume: wholeNumber.nullish().catch(null),
  topUpEsimTranNo: optionalText,
});

/**
 * What a successful `/esim/topup` answer says. An answer about another eSIM, another reference or
 * another package, or one whose dates cannot be, is `nonsense`; one that says nothing of the eSIM is
 * `unknown` and looked up.
 */
export function readTopup(obj: unknown, request: ActivateRequest, now: Date): ActivateOutcome {
  const result = TopupSchema.safeParse(obj);
  if (!result.success) return { kind: "unknown", detail: "success without an order" };
  const topup = result.data;
  const nonsense = (detail: string): ActivateOutcome => ({ kind: "nonsense", detail });

  if (!topup.iccid) return { kind: "unknown", detail: "success without an ICCID" };
  if (!sameIccid(topup.iccid, request.esim.iccid)) return nonsense("another ICCID");
  if (topup.transactionId && topup.transactionId !== request.ourReference) {
    return nonsense("another transactionId");
  }
  if (topup.packageCode && topup.packageCode !== request.offerCode) {
    return nonsense("another packageCode");
  }
  if (topup.totalVolume !== null && topup.totalVolume !== undefined && topup.totalVolume < 0n) {
    return nonsense("less than no data");
  }
  const expiresAt = topup.expiredTime ? readTime(topup.expiredTime) : null;
  if (topup.expiredTime) {
    if (expiresAt === null) return nonsense("expiredTime is no time");
    if (expiresAt.getTime() <= now.getTime()) return nonsense("expiredTime has passed");
    if (expiresAt.getTime() > now.getTime() + LONGEST_SERVICE_MS) {
      return nonsense("expiredTime is further away than any service lasts");
    }
  }
  return {
    kind: "confirmed",
    order: {
      carrierReference: topup.topUpEsimTranNo || request.ourReference,
      iccid: request.esim.iccid,
      offerCode: request.offerCode,
      expiresAt,
      totalBytes: topup.totalVolume ?? null,
    },
  };
}

/** ICCIDs of 19 digits are sometimes padded with F. */
export function sameIccid(a: string, b: string): boolean {
  const bare = (iccid: string): string => iccid.replace(/f$/i, "");
  return bare(a) === bare(b);
}

const PackageEntrySchema = z.object({
  packageCode: optionalText,
  esimTranNo: optionalText,
  transactionId: optionalText,
});

const EsimSchema = z.object({
  esimTranNo: text,
  iccid: text,
  transactionId: optionalText,
  esimStatus: optionalText,
  totalVolume: optionalCount,
  orderUsage: optionalCount,
  expiredTime: optionalText,
  packageList: z.array(z.unknown()).nullish().catch(null),
});

/** An eSIM as `/esim/query` tells of it. */
export interface QueriedEsim {
  readonly iccid: string;
  readonly networkState: EsimUsage["networkState"] | null;
  readonly totalBytes: bigint | null;
  readonly usedBytes: bigint | null;
  readonly expiresAt: Date | null;
  /** Every package put on it that carries a reference. */
  readonly orders: readonly (CarrierOrder & { readonly ourReference: string })[];
}

/**
 * The eSIM that was asked for by `esimTranNo`. `absent`: the list is empty; `unreadable`: there is no
 * list, or it holds other eSIMs than the one asked for, which says nothing about that one.
 */
export function readEsim(
  obj: unknown,
  esim: EsimReference,
):
  | { kind: "found"; esim: QueriedEsim }
  | { kind: "absent" }
  | { kind: "unreadable"; detail: string } {
  const list = z.object({ esimList: z.array(z.unknown()) }).safeParse(obj);
  if (!list.success) return { kind: "unreadable", detail: "no esimList" };
  for (const candidate of list.data.esimList) {
    const parsed = EsimSchema.safeParse(candidate);
    if (!parsed.success || parsed.data.esimTranNo !== esim.carrierEsimId) continue;
    const found = parsed.data;
    if (!sameIccid(found.iccid, esim.iccid)) return { kind: "unreadable", detail: "another ICCID" };
    return {
      kind: "found",
      esim: {
        iccid: esim.iccid,
        networkState: NETWORK_STATES[found.esimStatus ?? ""] ?? null,
        totalBytes: found.totalVolume ?? null,
        usedBytes: found.orderUsage ?? null,
        expiresAt: endOf(found),
        orders: ordersOn(found, esim.iccid),
      },
    };
  }
  return list.data.esimList.length === 0
    ? { kind: "absent" }
    : { kind: "unreadable", detail: "another eSIM" };
}

function endOf(esim: z.infer<typeof EsimSchema>): Date | null {
  return esim.expiredTime ? readTime(esim.expiredTime) : null;
}

function ordersOn(esim: z.infer<typeof EsimSchema>, iccid: string): QueriedEsim["orders"] {
  const entries = (esim.packageList ?? []).flatMap((entry) => {
    const read = PackageEntrySchema.safeParse(entry);
    return read.success ? [read.data] : [];
  });
  return entries.flatMap((entry) =>
    entry.transactionId
      ? [
          {
            ourReference: entry.transactionId,
            carrierReference: entry.esimTranNo || entry.transactionId,
            iccid,
            offerCode: entry.packageCode ?? "",
            expiresAt: endOf(esim),
            totalBytes: esim.totalVolume ?? null,
          },
        ]
      : [],
  );
}

/**
 * A page of `/esim/query` by time. The package an eSIM was made with carries the `transactionId` of the
 * eSIM itself and is left out. Null when there is no list, or an eSIM in it cannot be read: then nobody
 * knows what is on it.
 */
export function readEsimPage(
  obj: unknown,
): { esims: readonly ListedEsim[]; size: number; total: number } | null {
  const page = z
    .object({ esimList: z.array(EsimSchema), pager: z.object({ total: z.int().nonnegative() }) })
    .safeParse(obj);
  if (!page.success) return null;
  const { esimList, pager } = page.data;
  return {
    esims: esimList.map((esim) => ({
      iccid: esim.iccid,
      carrierEsimId: esim.esimTranNo,
      orders: ordersOn(esim, esim.iccid).filter(
        (order) => order.ourReference !== esim.transactionId,
      ),
    })),
    size: esimList.length,
    total: pager.total,
  };
}

/** Before GOT_RESOURCE an eSIM is still being made. */
const NETWORK_STATES: Readonly<Record<string, EsimUsage["networkState"]>> = {
  CREATE: "not_active",
  PAYING: "not_active",
  PAID: "not_active",
  GETTING_RESOURCE: "not_active",
  GOT_RESOURCE: "not_active",
  IN_USE: "active",
  USED_UP: "depleted",
  USED_EXPIRED: "expired",
  UNUSED_EXPIRED: "expired",
  CANCEL: "cancelled",
  REVOKED: "cancelled",
  SUSPENDED: "suspended",
};

const UsageSchema = z.object({
  esimTranNo: text,
  dataUsage: count,
  totalData: count,
  lastUpdateTime: text,
});

/** Figures of `/esim/usage/query`, by esimTranNo; entries that cannot be read are left out. Null when there is no list. */
export function readUsageList(
  obj: unknown,
): ReadonlyMap<string, { usedBytes: bigint; totalBytes: bigint; asOf: Date }> | null {
  // Sources differ on where the list is.
  const list = z
    .union([
      z.array(z.unknown()),
      z
        .object({ esimUsageList: z.array(z.unknown()) })
        .transform(({ esimUsageList }) => esimUsageList),
    ])
    .safeParse(obj);
  if (!list.success) return null;
  const figures = new Map<string, { usedBytes: bigint; totalBytes: bigint; asOf: Date }>();
  for (const entry of list.data) {
    const read = UsageSchema.safeParse(entry);
    const asOf = read.success ? readTime(read.data.lastUpdateTime) : null;
    if (!read.success || asOf === null) continue;
    figures.set(read.data.esimTranNo, {
      usedBytes: read.data.dataUsage,
      totalBytes: read.data.totalData,
      asOf,
    });
  }
  return figures;
}

const OfferSchema = z.object({
  packageCode: text.pipe(z.string().min(1)),
  name: text,
  price: count,
  currencyCode: z.literal("USD").nullish(),
  /** Not positive: unlimited. */
  volume: wholeNumber,
  duration: z.coerce.number().int().positive(),
  durationUnit: text
    .transform((unit) => unit.toUpperCase())
    .pipe(z.enum(["DAY", "MONTH", "YEAR"]))
    .nullish(),
  location: optionalText,
});

const DAYS = { DAY: 1, MONTH: 30, YEAR: 365 } as const;

/** Offers of `/package/list`; entries that cannot be read, or are priced in another currency, are left out. Null when there is no list. */
export function readOffers(obj: unknown): readonly CarrierOffer[] | null {
  const list = z.object({ packageList: z.array(z.unknown()) }).safeParse(obj);
  if (!list.success) return null;
  return list.data.packageList.flatMap((entry) => {
    const read = OfferSchema.safeParse(entry);
    if (!read.success) return [];
    const offer = read.data;
    return [
      {
        code: offer.packageCode,
        name: offer.name,
        dataBytes: offer.volume > 0n ? offer.volume : null,
        validityDays: offer.duration * DAYS[offer.durationUnit ?? "DAY"],
        countryCodes: (offer.location ?? "")
          .split(",")
          .map((code) => code.trim().toUpperCase())
          .filter((code) => /^[A-Z]{2}$/.test(code)),
        costUsdTenThousandths: offer.price,
      },
    ];
  });
}
