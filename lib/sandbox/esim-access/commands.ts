import { knownTopUps, namedEsim } from "./lookup.ts";
import { dayMs, mostTopUps, usualDailyUse } from "./model.ts";
import type { Esim, Order, Package, TopUp } from "./model.ts";
import { newActivationCode, newIccid, newImsi, newOrderNo, newTranNo } from "./numbers.ts";
import { findPackage, topUpsOf } from "./packages.ts";
import type { Body } from "./requests.ts";
import { EsimAccessRefusal, vendorTime } from "./wire.ts";
import { dueWarnings } from "./world.ts";
import type { EsimAccessWorld } from "./world.ts";

/** What a command answered, and whether it was an earlier answer given again. */
export interface Done {
  obj: unknown;
  replayed: boolean;
}

const done = (obj: unknown): Done => ({ obj, replayed: false });

/**
 * `esim/topup`: adds the package's data and days. The same `transactionId` again gets the first
 * answer, whatever else the request says. Allowed while new, in use or used up; at most ten per
 * eSIM; never after expiry.
 */
export function topUp(world: EsimAccessWorld, body: Body<"esim/topup">): Done {
  const earlier = world.find("topUp", body.transactionId);
  if (earlier) return { obj: earlier.answer, replayed: true };
  const esim = namedEsim(world, body);
  const chosen = findPackage(world, body.packageCode, "TOPUP");
  if (!chosen) throw new EsimAccessRefusal("310241");
  if (!topUpsOf(world, esim).some((each) => each.packageCode === chosen.packageCode)) {
    throw new EsimAccessRefusal("310243", "does not fit this eSIM");
  }
  if (!["GOT_RESOURCE", "IN_USE", "USED_UP"].includes(esim.esimStatus)) {
    throw new EsimAccessRefusal("200002", esim.esimStatus);
  }
  if (knownTopUps(world, esim, 0).length >= mostTopUps) {
    throw new EsimAccessRefusal("200002", "at most 10 top-ups per eSIM");
  }
  if (body.amount !== null && body.amount !== undefined && body.amount !== "") {
    if (String(body.amount) !== String(chosen.price)) throw new EsimAccessRefusal("200005");
  }
  pay(world, chosen.price);
  return done(addTopUp(world, esim, chosen, body.transactionId).answer);
}

function addTopUp(
  world: EsimAccessWorld,
  esim: Esim,
  chosen: Package,
  transactionId: string,
): TopUp {
  const settled = world.settleUsage(esim);
  const after: Esim = {
    ...settled,
    totalVolume: esim.totalVolume + chosen.volume,
    totalDuration: esim.totalDuration + chosen.duration,
    expiredTime: esim.expiredTime + chosen.duration * dayMs,
  };
  const due = dueWarnings(after, after.usedBytes, world.now());
  world.save("esim", esim.esimTranNo, {
    ...after,
    notified: after.notified.filter((warning) => due.includes(warning)),
  });
  const topUpEsimTranNo = newTranNo(world.now());
  const kept = world.save("topUp", transactionId, {
    transactionId,
    esimTranNo: esim.esimTranNo,
    iccid: esim.iccid,
    packageCode: chosen.packageCode,
    volume: chosen.volume,
    duration: chosen.duration,
    price: chosen.price,
    at: world.now(),
    wallAt: world.standIn.clock.wall(),
    topUpEsimTranNo,
    answer: {
      transactionId,
      iccid: esim.iccid,
      expiredTime: vendorTime(after.expiredTime),
      totalVolume: after.totalVolume,
      totalDuration: after.totalDuration,
      orderUsage: after.usedBytes,
      topUpEsimTranNo,
    },
  });
  if (esim.esimStatus === "USED_UP") {
    world.setStatus(world.find("esim", esim.esimTranNo) ?? after, "IN_USE");
  }
  return kept;
}

/** `esim/order`: charged at once, allocated a little later. */
export function order(world: EsimAccessWorld, body: Body<"esim/order">): Done {
  const earlier = world.list("order", { transactionId: body.transactionId })[0];
  if (earlier) {
    const { orderNo, transactionId } = earlier;
    return { obj: { orderNo, transactionId }, replayed: true };
  }
  let amount = 0;
  const items: Order["items"] = body.packageInfoList.map((item) => {
    const code = item.packageCode ?? item.slug;
    if (!code) throw new EsimAccessRefusal("000105", "packageCode or slug");
    const chosen = findPackage(world, code, "BASE");
    if (!chosen) throw new EsimAccessRefusal("310241");
    const price = chosen.price * (item.periodNum ?? 1);
    if (item.price !== null && item.price !== undefined && item.price !== price) {
      throw new EsimAccessRefusal("200005");
    }
    amount += price * item.count;
    return {
      packageCode: chosen.packageCode,
      count: item.count,
      periodNum: item.periodNum ?? null,
    };
  });
  if (body.amount !== null && body.amount !== undefined && body.amount !== amount) {
    throw new EsimAccessRefusal("200006");
  }
  pay(world, amount);
  const orderNo = newOrderNo(world.now());
  const { allocationSeconds } = world.account().behaviour;
  world.save("order", orderNo, {
    orderNo,
    transactionId: body.transactionId,
    createdAt: world.now(),
    readyAt: world.standIn.clock.wall() + allocationSeconds * 1000,
    allocated: false,
    items,
    amount,
  });
  allocateDueOrders(world);
  return done({ orderNo, transactionId: body.transactionId });
}

/** Creates the eSIMs of every order whose time has come, or of all that wait. */
export function allocateDueOrders(world: EsimAccessWorld, isAtOnce = false): void {
  const now = world.standIn.clock.wall();
  for (const waiting of world.list("order")) {
    if (!waiting.allocated && (isAtOnce || waiting.readyAt <= now)) allocate(world, waiting);
  }
}

function allocate(world: EsimAccessWorld, waiting: Order): void {
  const { orderNo, transactionId } = waiting;
  for (const item of waiting.items) {
    const chosen = world.find("package", item.packageCode);
    if (!chosen) continue;
    for (let count = 0; count < item.count; count += 1) {
      const esimTranNo = newTranNo(world.now());
      world.save("esim", esimTranNo, {
        esimTranNo,
        orderNo,
        transactionId,
        iccid: newIccid(),
        imsi: newImsi(),
        msisdn: "",
        eid: "",
        ac: newActivationCode(),
        apn: "internet",
        smsStatus: chosen.smsStatus,
        smdpStatus: "RELEASED",
        esimStatus: "GOT_RESOURCE",
        statusBeforeSuspension: null,
        packageCode: chosen.packageCode,
        totalVolume: chosen.volume * (item.periodNum ?? 1),
        totalDuration: chosen.duration * (item.periodNum ?? 1),
        usedBytes: 0,
        usedAt: world.now(),
        dailyUseBytes: usualDailyUse(esimTranNo),
        expiredTime: world.now() + chosen.unusedValidTime * dayMs,
        activateTime: null,
        createdAt: world.now(),
        topUpPackageCodes: null,
        notified: [],
      });
    }
  }
  world.save("order", orderNo, { ...waiting, allocated: true });
  world.notify("ORDER_STATUS", { orderNo, orderStatus: "GOT_RESOURCE", transactionId });
}

function pay(world: EsimAccessWorld, amount: number): void {
  const { balance } = world.account();
  if (amount > balance) throw new EsimAccessRefusal("200007");
  world.saveAccount({ balance: balance - amount });
}

/** `esim/cancel`: only while unused; the price goes back to the balance. */
export function cancel(world: EsimAccessWorld, body: Body<"esim/cancel">): Done {
  const esim = namedEsim(world, body);
  if (esim.esimStatus !== "GOT_RESOURCE" || esim.smdpStatus !== "RELEASED") {
    throw new EsimAccessRefusal("200002", `${esim.esimStatus}, ${esim.smdpStatus}`);
  }
  const price = world.find("package", esim.packageCode)?.price ?? 0;
  const topUps = knownTopUps(world, esim, 0).reduce((sum, each) => sum + each.price, 0);
  world.saveAccount({ balance: world.account().balance + price + topUps });
  world.setStatus(esim, "CANCEL");
  return done({});
}

/** `esim/suspend`: pauses data. */
export function suspend(world: EsimAccessWorld, body: Body<"esim/suspend">): Done {
  const esim = namedEsim(world, body);
  if (!["GOT_RESOURCE", "IN_USE", "USED_UP"].includes(esim.esimStatus)) {
    throw new EsimAccessRefusal("200002", esim.esimStatus);
  }
  world.setStatus({ ...esim, statusBeforeSuspension: esim.esimStatus }, "SUSPENDED");
  return done({});
}

/** `esim/unsuspend`: data goes on. */
export function unsuspend(world: EsimAccessWorld, body: Body<"esim/unsuspend">): Done {
  const esim = namedEsim(world, body);
  if (esim.esimStatus !== "SUSPENDED") throw new EsimAccessRefusal("200002", esim.esimStatus);
  const before = esim.statusBeforeSuspension ?? "IN_USE";
  world.setStatus({ ...esim, statusBeforeSuspension: null, usedAt: world.now() }, before);
  return done({});
}

/** `esim/revoke`: ends an eSIM for good, without a refund. */
export function revoke(world: EsimAccessWorld, body: Body<"esim/revoke">): Done {
  const esim = namedEsim(world, body);
  if (["CANCEL", "REVOKED"].includes(esim.esimStatus)) {
    throw new EsimAccessRefusal("200002", esim.esimStatus);
  }
  world.setStatus(esim, "REVOKED");
  return done({});
}

/** `esim/sendSms`: only to installed eSIMs that take text messages. */
export function sendSms(world: EsimAccessWorld, body: Body<"esim/sendSms">): Done {
  const esim = namedEsim(world, body);
  if (esim.smsStatus === 0) throw new EsimAccessRefusal("200002", "no SMS on this eSIM");
  if (!["INSTALLATION", "ENABLED", "DISABLED"].includes(esim.smdpStatus)) {
    throw new EsimAccessRefusal("200002", esim.smdpStatus);
  }
  const id = crypto.randomUUID();
  const { esimTranNo, iccid } = esim;
  world.save("sms", id, { id, esimTranNo, iccid, message: body.message, at: world.now() });
  return done({});
}
