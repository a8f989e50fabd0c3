import { z } from "zod";
import { AdminRefusal } from "../admin.ts";
import type { AdminRoutes } from "../admin.ts";
import { overwrite } from "../faults.ts";
import type { WebhookQueue } from "../webhooks.ts";
import { allocateDueOrders } from "./commands.ts";
import { esimStatuses, smdpStatuses } from "./model.ts";
import type { Esim, Order, Sms, TopUp } from "./model.ts";
import { esimAccessSeedSchema, seedEsimAccess } from "./seed.ts";
import { EsimAccessRefusal } from "./wire.ts";
import { identity } from "./world.ts";
import type { EsimAccessWorld, Notification, Usage } from "./world.ts";

const which = { esimTranNo: z.string().optional(), iccid: z.string().optional() };

const usageSchema = z.strictObject({
  ...which,
  usedBytes: z.number().int().nonnegative(),
  /** As of when; left out: as old as usage figures are. */
  asOf: z.iso.datetime({ offset: true }).optional(),
  dailyUseBytes: z.number().int().nonnegative().optional(),
});

const esimChangeSchema = z.strictObject({
  ...which,
  esimStatus: z.enum(esimStatuses).optional(),
  smdpStatus: z.enum(smdpStatuses).optional(),
  expiredTime: z.iso.datetime({ offset: true }).optional(),
  /** Whether the change is notified (ESIM_STATUS, SMDP_EVENT). */
  notify: z.boolean().default(true),
});

const notifySchema = z.strictObject({
  notifyType: z.string(),
  ...which,
  /** Added to, or instead of, the eSIM's own fields. */
  content: z.record(z.string(), z.unknown()).default({}),
});

const redeliverSchema = z.strictObject({
  notifyId: z.string().optional(),
  /** The newest notification of this type. */
  type: z.string().optional(),
  times: z.number().int().min(1).max(200).default(1),
  newId: z.boolean().default(false),
  set: z.record(z.string(), z.unknown()).default({}),
});

/** One eSIM as `GET /__sandbox/state` shows it. */
export interface EsimState {
  esimTranNo: string;
  iccid: string;
  esimStatus: string;
  smdpStatus: string;
  totalVolume: number;
  usedBytes: number;
  totalDuration: number;
  /** ISO 8601. */
  expiredTime: string;
  /** Successful top-ups, oldest first. */
  topUps: TopUp[];
}

/** Everything the stand-in knows. */
export interface EsimAccessState {
  balance: number;
  webhook: string | null;
  packages: string[];
  esims: EsimState[];
  topUps: TopUp[];
  orders: Order[];
  sms: Sms[];
  notifications: Notification[];
}

/** The eSIM Access stand-in's own admin calls. */
export function esimAccessAdminRoutes(world: EsimAccessWorld, webhooks: WebhookQueue): AdminRoutes {
  return {
    "GET /state": () => readState(world),
    "POST /seed": (body) => seed(world, body),
    "POST /reset": () => {
      const { store, log, held } = world.standIn;
      held.release();
      store.clear();
      log.clear();
      webhooks.clear();
      return { reset: true };
    },
    "POST /usage": (body) => setUsage(world, usageSchema.parse(body)),
    "POST /credit": (body) => {
      const { credit } = z.strictObject({ credit: z.number().int().nonnegative() }).parse(body);
      return { balance: world.saveAccount({ balance: credit }).balance };
    },
    /** The profiles of all orders that wait are there now. */
    "POST /allocate": () => {
      allocateDueOrders(world, true);
      return { allocated: true };
    },
    "POST /esim": (body) => changeEsim(world, esimChangeSchema.parse(body)),
    "POST /notify": (body) => {
      const wanted = notifySchema.parse(body);
      const named = wanted.esimTranNo || wanted.iccid ? identity(theEsim(world, wanted)) : {};
      world.notify(wanted.notifyType, { ...named, ...wanted.content });
      return { notified: wanted.notifyType };
    },
    "GET /webhooks": () => webhooks.list(),
    "POST /webhooks/redeliver": (body) => redeliver(world, redeliverSchema.parse(body)),
    "POST /webhooks/hurry": () => {
      webhooks.hurry();
      return { hurried: true };
    },
  };
}

function readState(world: EsimAccessWorld): EsimAccessState {
  allocateDueOrders(world);
  world.refreshAll();
  const { balance, webhook } = world.account();
  return {
    balance,
    webhook,
    packages: world.list("package").map((each) => each.packageCode),
    esims: world.list("esim").map((esim) => ({
      esimTranNo: esim.esimTranNo,
      iccid: esim.iccid,
      esimStatus: esim.esimStatus,
      smdpStatus: esim.smdpStatus,
      totalVolume: esim.totalVolume,
      usedBytes: world.usageOf(esim).usedBytes,
      totalDuration: esim.totalDuration,
      expiredTime: new Date(esim.expiredTime).toISOString(),
      topUps: world.list("topUp", { esimTranNo: esim.esimTranNo }),
    })),
    topUps: world.list("topUp"),
    orders: world.list("order"),
    sms: world.list("sms"),
    notifications: world.standIn.store
      .list<Notification>("notification")
      .map(({ doc }) => doc)
      .toReversed(),
  };
}

function seed(world: EsimAccessWorld, body: unknown): Record<string, number> {
  try {
    return seedEsimAccess(world, esimAccessSeedSchema.parse(body));
  } catch (error) {
    if (error instanceof EsimAccessRefusal) throw new AdminRefusal(error.message, 400);
    throw error;
  }
}

function theEsim(
  world: EsimAccessWorld,
  wanted: { esimTranNo?: string | undefined; iccid?: string | undefined },
): Esim {
  const esim = wanted.esimTranNo
    ? world.find("esim", wanted.esimTranNo)
    : world.list("esim", { iccid: wanted.iccid ?? "" }).at(-1);
  if (!esim) throw new AdminRefusal("No such eSIM");
  return esim;
}

function setUsage(world: EsimAccessWorld, wanted: z.output<typeof usageSchema>): Usage {
  const esim = theEsim(world, wanted);
  const asOf = wanted.asOf
    ? Date.parse(wanted.asOf)
    : world.usageOf({ ...esim, usedAt: 0 }).lastUpdate;
  world.save("esim", esim.esimTranNo, {
    ...esim,
    usedBytes: Math.min(wanted.usedBytes, esim.totalVolume),
    usedAt: asOf,
    dailyUseBytes: wanted.dailyUseBytes ?? esim.dailyUseBytes,
  });
  return world.usageOf(world.refresh(theEsim(world, wanted)));
}

function changeEsim(world: EsimAccessWorld, wanted: z.output<typeof esimChangeSchema>): EsimState {
  const before = theEsim(world, wanted);
  const after: Esim = {
    ...world.settleUsage(before),
    esimStatus: wanted.esimStatus ?? before.esimStatus,
    smdpStatus: wanted.smdpStatus ?? before.smdpStatus,
    expiredTime: wanted.expiredTime ? Date.parse(wanted.expiredTime) : before.expiredTime,
  };
  world.save("esim", after.esimTranNo, after);
  if (wanted.notify && after.smdpStatus !== before.smdpStatus) {
    world.notify("SMDP_EVENT", {
      ...identity(after),
      eid: after.eid,
      esimStatus: after.esimStatus,
      smdpStatus: after.smdpStatus,
      timestamp: new Date(world.now()).toISOString(),
      seqNumber: 1,
      notifyStatus: "Executed-Success",
    });
  }
  if (wanted.notify && after.esimStatus !== before.esimStatus) {
    world.setStatus(after, after.esimStatus);
  }
  const state = readState(world).esims.find((each) => each.esimTranNo === after.esimTranNo);
  if (!state) throw new AdminRefusal("No such eSIM");
  return state;
}

function redeliver(world: EsimAccessWorld, wanted: z.output<typeof redeliverSchema>): object {
  const found = world.standIn.store
    .list<Notification>("notification")
    .map(({ doc }) => doc)
    .find(
      (each) =>
        (!wanted.notifyId || each.notifyId === wanted.notifyId) &&
        (!wanted.type || each.notifyType === wanted.type),
    );
  if (!found) throw new AdminRefusal("No such notification");
  const changed = overwrite(found, wanted.set) as Notification;
  const notifyId = wanted.newId ? crypto.randomUUID().replaceAll("-", "") : found.notifyId;
  for (let time = 0; time < wanted.times; time += 1) world.send({ ...changed, notifyId });
  return { notifyId, type: changed.notifyType, times: wanted.times };
}
