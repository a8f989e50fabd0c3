import type { Body } from "./requests.ts";
import type { Esim, Package, TopUp } from "./model.ts";
import { dayMs } from "./model.ts";
import { EsimAccessRefusal, vendorTime } from "./wire.ts";
import type { EsimAccessWorld } from "./world.ts";

/** Finding eSIMs and showing them as `esim/query` does. */

/** The eSIM that a request names; `esimTranNo` wins. An ICCID means the newest eSIM with it. */
export function namedEsim(
  world: EsimAccessWorld,
  body: { iccid: string | null; esimTranNo: string | null },
): Esim {
  if (body.esimTranNo === null && body.iccid === null) {
    throw new EsimAccessRefusal("000105", "iccid or esimTranNo");
  }
  const esim = body.esimTranNo
    ? world.find("esim", body.esimTranNo)
    : (world.list("esim", { iccid: body.iccid ?? "" }).at(-1) ?? null);
  if (!esim) throw new EsimAccessRefusal("310403");
  return world.refresh(esim);
}

/** `blindMs`: top-ups younger than this (real time) are not known yet. */
export function queryEsims(
  world: EsimAccessWorld,
  body: Body<"esim/query">,
  blindMs: number,
): unknown {
  const found = selectEsims(world, body);
  const { pageSize, pageNum } = body.pager;
  const start = (pageNum - 1) * pageSize;
  return {
    esimList: found
      .slice(start, start + pageSize)
      .map((esim) => showEsim(world, world.refresh(esim), blindMs)),
    pager: { pageSize, pageNum, total: found.length },
  };
}

function selectEsims(world: EsimAccessWorld, body: Body<"esim/query">): Esim[] {
  if (body.esimTranNo) {
    const esim = world.find("esim", body.esimTranNo);
    if (!esim) throw new EsimAccessRefusal("310403");
    return [esim];
  }
  if (body.iccid) {
    const found = world.list("esim", { iccid: body.iccid });
    if (found.length === 0) throw new EsimAccessRefusal("310403");
    return found.slice(-1);
  }
  if (body.orderNo) return esimsOfOrder(world, body.orderNo);
  if (!body.startTime || !body.endTime) {
    throw new EsimAccessRefusal("000105", "orderNo, iccid, esimTranNo or startTime and endTime");
  }
  const [from, until] = [Date.parse(body.startTime), Date.parse(body.endTime)];
  if (Number.isNaN(from) || Number.isNaN(until)) {
    throw new EsimAccessRefusal("200008", "startTime, endTime");
  }
  return world.list("esim").filter((esim) => esim.createdAt >= from && esim.createdAt <= until);
}

function esimsOfOrder(world: EsimAccessWorld, orderNo: string): Esim[] {
  const order = world.find("order", orderNo);
  const found = world.list("esim", { orderNo });
  if (!order && found.length === 0) throw new EsimAccessRefusal("310272");
  if (order && !order.allocated) throw new EsimAccessRefusal("200010");
  return found;
}

/** Top-ups of an eSIM that a look-up may know. */
export function knownTopUps(world: EsimAccessWorld, esim: Esim, blindMs: number): TopUp[] {
  const since = world.standIn.clock.wall() - blindMs;
  return world
    .list("topUp", { esimTranNo: esim.esimTranNo })
    .filter((topUp) => blindMs === 0 || topUp.wallAt <= since);
}

/** The eSIM as it was before the top-ups that are not known yet. */
export function withoutUnknown(world: EsimAccessWorld, esim: Esim, blindMs: number): Esim {
  if (blindMs === 0) return esim;
  const known = new Set(knownTopUps(world, esim, blindMs).map((topUp) => topUp.transactionId));
  const unknown = world
    .list("topUp", { esimTranNo: esim.esimTranNo })
    .filter((topUp) => !known.has(topUp.transactionId));
  return unknown.reduce(
    (before, topUp) => ({
      ...before,
      totalVolume: before.totalVolume - topUp.volume,
      totalDuration: before.totalDuration - topUp.duration,
      expiredTime: before.expiredTime - topUp.duration * dayMs,
    }),
    esim,
  );
}

function showEsim(world: EsimAccessWorld, kept: Esim, blindMs: number): unknown {
  const esim = withoutUnknown(world, kept, blindMs);
  return {
    esimTranNo: esim.esimTranNo,
    orderNo: esim.orderNo,
    transactionId: esim.transactionId,
    imsi: esim.imsi,
    iccid: esim.iccid,
    smsStatus: esim.smsStatus,
    msisdn: esim.msisdn,
    ac: esim.ac,
    qrCodeUrl: `https://p.qrsim.example/${esim.esimTranNo}.png`,
    shortUrl: `https://p.qrsim.example/${esim.esimTranNo}`,
    smdpStatus: esim.smdpStatus,
    eid: esim.eid,
    activeType: 2,
    dataType: 1,
    activateTime: esim.activateTime === null ? null : vendorTime(esim.activateTime),
    expiredTime: vendorTime(esim.expiredTime),
    totalVolume: esim.totalVolume,
    totalDuration: esim.totalDuration,
    durationUnit: "DAY",
    orderUsage: world.usageOf(kept).usedBytes,
    esimStatus: esim.esimStatus,
    pin: "",
    puk: "",
    apn: esim.apn,
    packageList: packageEntries(world, esim, blindMs),
  };
}

/**
 * `packageList`: the package the eSIM was ordered with, then one entry per top-up in the order
 * they were made. Each entry carries the `transactionId` it was asked for with (of the order for
 * the first, of the top-up for the others) and its own transaction number. The vendor's document
 * shows the list without these two; integrators' types have them. It is by this `transactionId`
 * that a top-up of unknown outcome is found again.
 */
function packageEntries(world: EsimAccessWorld, esim: Esim, blindMs: number): unknown[] {
  const first = entry(world.find("package", esim.packageCode), {
    packageCode: esim.packageCode,
    createTime: vendorTime(esim.createdAt),
    esimTranNo: esim.esimTranNo,
    transactionId: esim.transactionId,
  });
  const topUps = knownTopUps(world, esim, blindMs).map((topUp) =>
    entry(world.find("package", topUp.packageCode), {
      packageCode: topUp.packageCode,
      duration: topUp.duration,
      volume: topUp.volume,
      createTime: vendorTime(topUp.at),
      esimTranNo: topUp.topUpEsimTranNo,
      transactionId: topUp.transactionId,
    }),
  );
  return [first, ...topUps];
}

function entry(found: Package | null, more: Record<string, unknown>): Record<string, unknown> {
  return {
    packageName: found?.name ?? "",
    slug: found?.slug ?? "",
    duration: found?.duration ?? 0,
    volume: found?.volume ?? 0,
    locationCode: found?.location ?? "",
    ...more,
  };
}

/** `esim/usage/query`: figures are hours old; unknown numbers are left out. */
export function queryUsage(
  world: EsimAccessWorld,
  body: Body<"esim/usage/query">,
  blindMs: number,
): unknown {
  const list = body.esimTranNoList.flatMap((esimTranNo) => {
    const found = world.find("esim", esimTranNo);
    if (!found) return [];
    const esim = world.refresh(found);
    const usage = world.usageOf(esim);
    return [
      {
        esimTranNo,
        dataUsage: usage.usedBytes,
        totalData: withoutUnknown(world, esim, blindMs).totalVolume,
        lastUpdateTime: vendorTime(usage.lastUpdate),
      },
    ];
  });
  return world.account().behaviour.usageShape === "list" ? list : { esimUsageList: list };
}
