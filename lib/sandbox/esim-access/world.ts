import type { StandIn } from "../stand-in.ts";
import type { WebhookQueue } from "../webhooks.ts";
import { dayMs, defaultAccount, hourMs } from "./model.ts";
import type { Account, Esim, EsimStatus, Order, Package, Sms, TopUp } from "./model.ts";
import { notificationTime } from "./wire.ts";

interface Kept {
  package: Package;
  esim: Esim;
  topUp: TopUp;
  order: Order;
  sms: Sms;
}

/** What is known of an eSIM's data at a moment. */
export interface Usage {
  usedBytes: number;
  /** Business time of the last call record. */
  lastUpdate: number;
}

/** The eSIM Access stand-in's state and the ways to change it. */
export class EsimAccessWorld {
  readonly standIn: StandIn;
  readonly #webhooks: () => WebhookQueue;

  constructor(standIn: StandIn, webhooks: () => WebhookQueue) {
    this.standIn = standIn;
    this.#webhooks = webhooks;
    const { store } = standIn;
    store.index("esim", "iccid");
    store.index("esim", "orderNo");
    store.index("topUp", "esimTranNo");
    store.index("order", "transactionId");
  }

  now(): number {
    return this.standIn.clock.now();
  }

  find<K extends keyof Kept>(kind: K, id: string): Kept[K] | null {
    return this.standIn.store.find<Kept[K]>(kind, id);
  }

  save<K extends keyof Kept>(kind: K, id: string, object: Kept[K]): Kept[K] {
    this.standIn.store.put(kind, id, object);
    return object;
  }

  /** Oldest first. */
  list<K extends keyof Kept>(kind: K, where: Record<string, string> = {}): Kept[K][] {
    return this.standIn.store
      .list<Kept[K]>(kind, where)
      .map(({ doc }) => doc)
      .toReversed();
  }

  account(): Account {
    return this.standIn.store.find<Account>("account", "account") ?? defaultAccount;
  }

  saveAccount(change: Partial<Account>): Account {
    const account = { ...this.account(), ...change };
    this.standIn.store.put("account", "account", account);
    return account;
  }

  /** Where notifications go. */
  webhookUrl(): string {
    return this.account().webhook ?? `${this.standIn.appUrl}/api/webhooks/esim-access`;
  }

  notify(notifyType: string, content: Record<string, unknown>): void {
    const notifyId = crypto.randomUUID().replaceAll("-", "");
    this.send(notificationOf(notifyType, notifyId, this.now(), content));
  }

  send(notification: Notification): void {
    this.standIn.store.put("notification", notification.notifyId, notification);
    this.#webhooks().enqueue({
      eventId: notification.notifyId,
      type: notification.notifyType,
      url: this.webhookUrl(),
      body: JSON.stringify(notification),
    });
  }

  /**
   * Usage as the vendor knows it now: whole hours, at least `usageLagHours` old, never more than
   * the total, and no longer growing after expiry.
   */
  usageOf(esim: Esim): Usage {
    const lag = this.account().behaviour.usageLagHours * hourMs;
    const settled = Math.floor((this.now() - lag) / hourMs) * hourMs;
    const lastUpdate = Math.max(esim.usedAt, settled);
    if (esim.esimStatus !== "IN_USE") return { usedBytes: esim.usedBytes, lastUpdate };
    const elapsed = Math.max(0, Math.min(lastUpdate, esim.expiredTime) - esim.usedAt);
    const grown = Math.floor((esim.dailyUseBytes * elapsed) / dayMs);
    return { usedBytes: Math.min(esim.totalVolume, esim.usedBytes + grown), lastUpdate };
  }

  /** Fixes the usage so far, so that what follows counts from here. */
  settleUsage(esim: Esim): Esim {
    const usage = this.usageOf(esim);
    return { ...esim, usedBytes: usage.usedBytes, usedAt: usage.lastUpdate };
  }

  /** The eSIM after everything that time brought: used up, expired, thresholds passed. */
  refresh(esim: Esim): Esim {
    const after = this.#expire(this.#useUp(esim));
    this.#warn(after);
    return this.find("esim", after.esimTranNo) ?? after;
  }

  refreshAll(): void {
    for (const esim of this.list("esim")) this.refresh(esim);
  }

  setStatus(esim: Esim, esimStatus: EsimStatus): Esim {
    const changed = { ...this.settleUsage(esim), esimStatus };
    this.save("esim", changed.esimTranNo, changed);
    this.notify("ESIM_STATUS", {
      ...identity(changed),
      esimStatus: changed.esimStatus,
      smdpStatus: changed.smdpStatus,
      totalVolume: changed.totalVolume,
      orderUsage: changed.usedBytes,
      remainVolume: changed.totalVolume - changed.usedBytes,
    });
    return changed;
  }

  #useUp(esim: Esim): Esim {
    if (esim.esimStatus !== "IN_USE") return esim;
    const isUsedUp = this.usageOf(esim).usedBytes >= esim.totalVolume;
    return isUsedUp ? this.setStatus(esim, "USED_UP") : esim;
  }

  #expire(esim: Esim): Esim {
    if (esim.expiredTime > this.now()) return esim;
    if (esim.esimStatus === "GOT_RESOURCE") return this.setStatus(esim, "UNUSED_EXPIRED");
    const wasUsed = ["IN_USE", "USED_UP", "SUSPENDED"].includes(esim.esimStatus);
    return wasUsed ? this.setStatus(esim, "USED_EXPIRED") : esim;
  }

  #warn(esim: Esim): void {
    if (!["IN_USE", "USED_UP"].includes(esim.esimStatus)) return;
    const usage = this.usageOf(esim);
    const due = dueWarnings(esim, usage.usedBytes, this.now());
    const fresh = due.filter((warning) => !esim.notified.includes(warning));
    if (fresh.length === 0) return;
    this.save("esim", esim.esimTranNo, { ...esim, notified: [...esim.notified, ...fresh] });
    for (const warning of fresh) {
      if (warning === expiryWarning) {
        this.notify("VALIDITY_USAGE", {
          ...identity(esim),
          durationUnit: "DAY",
          totalDuration: esim.totalDuration,
          expiredTime: notificationTime(esim.expiredTime),
          remain: 1,
        });
        continue;
      }
      this.notify("DATA_USAGE", {
        ...identity(esim),
        totalVolume: esim.totalVolume,
        orderUsage: usage.usedBytes,
        remain: esim.totalVolume - usage.usedBytes,
        remainThreshold: Number(warning),
        lastUpdateTime: notificationTime(usage.lastUpdate),
      });
    }
  }
}

/** A notification as sent. */
export interface Notification {
  notifyType: string;
  notifyId: string;
  eventGenerateTime: string;
  content: Record<string, unknown>;
}

export function notificationOf(
  notifyType: string,
  notifyId: string,
  at: number,
  content: Record<string, unknown>,
): Notification {
  return { notifyType, notifyId, eventGenerateTime: notificationTime(at), content };
}

export const expiryWarning = "expiry";

/** Which warnings an eSIM has earned: what remains is at most half, a fifth, a tenth; a day is left. */
export function dueWarnings(esim: Esim, usedBytes: number, now: number): string[] {
  const thresholds: [string, number][] = [
    ["0.5", 50],
    ["0.2", 20],
    ["0.1", 10],
  ];
  const remaining = esim.totalVolume - usedBytes;
  const due = thresholds
    .filter(([, percent]) => remaining * 100 <= esim.totalVolume * percent)
    .map(([name]) => name);
  const isLastDay = esim.expiredTime > now && esim.expiredTime - now <= dayMs;
  return isLastDay ? [...due, expiryWarning] : due;
}

/** The fields by which every notification names an eSIM. */
export function identity(esim: Esim): Record<string, unknown> {
  const { orderNo, esimTranNo, transactionId, iccid } = esim;
  return { orderNo, esimTranNo, transactionId, iccid };
}
