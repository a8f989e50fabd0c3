import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { esimAccessAdapter } from "#lib/carriers/esim-access/adapter.ts";
import type { ActivateRequest, CarrierAdapter, CarrierCapabilities } from "#lib/carriers/port.ts";
import { CarrierUnavailableError } from "#lib/carriers/port.ts";
import { collect } from "#tests/support/collect.ts";
import { sandboxSecrets, startStandIns, type StartedStandIns } from "#tests/support/stand-ins.ts";
import { startWebhookReceiver, unusedAddress } from "#tests/support/webhook-receiver.ts";

const GB = 1024n ** 3n;
const DAY_MS = 86_400_000;

/** What each adapter is expected to be able to do; one that loses a capability fails here. */
const EXPECTED: Readonly<Record<CarrierAdapter["id"], CarrierCapabilities>> = {
  esim_access: { idempotentOrders: true, usageLagHours: 3, signedWebhooks: false },
};

let standIns: StartedStandIns;

beforeAll(async () => {
  standIns = await startStandIns();
});
afterAll(async () => {
  await standIns.stop();
});

/** An adapter that gives up soon, so that a test of a time-out is short. */
function adapter(timeoutMs = 5_000, apiBase?: string): CarrierAdapter {
  return esimAccessAdapter({
    accessCode: sandboxSecrets.esimAccessCode,
    secret: sandboxSecrets.esimAccessSecret,
    apiBase: apiBase ?? standIns.addresses.esimAccess,
    timeoutMs,
    now: () => new Date(),
  });
}

const esim = { iccid: "8988247000000000016", carrierEsimId: "26112214000001" };
const fresh = { iccid: "8988247000000000024", carrierEsimId: "26112214000002" };
const expired = { iccid: "8988247000000000032", carrierEsimId: "26112214000003" };
const stranger = { iccid: "8988247000000000040", carrierEsimId: "99999999999999" };

const end = new Date(Math.floor(Date.now() / 1000) * 1000 + 3 * DAY_MS);

beforeEach(async () => {
  await standIns.esimAccess.reset();
  const volume = Number(GB);
  await standIns.esimAccess.seed({
    credit: 1_000_000,
    packages: [
      {
        packageCode: "CN_1_7",
        name: "China 1GB",
        type: "BASE",
        price: 11_000,
        volume,
        duration: 7,
        location: "CN",
      },
      {
        packageCode: "TOPUP_CN_5_30",
        name: "China 5GB",
        type: "TOPUP",
        price: 38_000,
        volume: 5 * volume,
        duration: 30,
        location: "CN",
      },
      {
        packageCode: "US_1_7",
        name: "USA 1GB",
        type: "BASE",
        price: 10_000,
        volume,
        duration: 7,
        location: "US",
      },
      {
        packageCode: "TOPUP_US_1_7",
        name: "USA 1GB",
        type: "TOPUP",
        price: 10_000,
        volume,
        duration: 7,
        location: "US",
      },
    ],
    esims: [
      {
        esimTranNo: esim.carrierEsimId,
        iccid: esim.iccid,
        packageCode: "CN_1_7",
        usedBytes: 1_000,
        dailyUseBytes: 0,
        expiredTime: end.toISOString(),
      },
      {
        esimTranNo: fresh.carrierEsimId,
        iccid: fresh.iccid,
        packageCode: "CN_1_7",
        esimStatus: "GOT_RESOURCE",
        smdpStatus: "RELEASED",
        dailyUseBytes: 0,
        expiredTime: new Date(end.getTime() + 100 * DAY_MS).toISOString(),
      },
      {
        esimTranNo: expired.carrierEsimId,
        iccid: expired.iccid,
        packageCode: "CN_1_7",
        esimStatus: "USED_EXPIRED",
        expiredTime: new Date(end.getTime() - 30 * DAY_MS).toISOString(),
      },
    ],
  });
});

function order(change: Partial<ActivateRequest> = {}): ActivateRequest {
  return { ourReference: randomUUID(), esim, offerCode: "TOPUP_CN_5_30", ...change };
}

async function activationsAt(reference: string): Promise<number> {
  const { topUps } = await standIns.esimAccess.state();
  return topUps.filter((topUp) => topUp.transactionId === reference).length;
}

describe("capabilities", () => {
  it("are those this adapter has promised", () => {
    const carrier = adapter();
    expect(carrier.capabilities).toEqual(EXPECTED[carrier.id]);
  });
});

describe("offers", () => {
  it("are the packages that fit this eSIM, in our units", async () => {
    expect(await adapter().listOffers(esim)).toEqual([
      {
        code: "TOPUP_CN_5_30",
        name: "China 5GB",
        dataBytes: 5n * GB,
        validityDays: 30,
        countryCodes: ["CN"],
        costUsdTenThousandths: 38_000n,
      },
    ]);
  });

  it("for an eSIM the carrier does not know are none", async () => {
    expect(await adapter().listOffers(stranger)).toEqual([]);
  });

  it("are not known while the carrier is down", async () => {
    await standIns.esimAccess.setFault({ kind: "status", status: 503 });
    await expect(adapter().listOffers(esim)).rejects.toThrow(CarrierUnavailableError);
  });
});

describe("an activation", () => {
  it("adds data and days, once, under our reference", async () => {
    const request = order();
    const outcome = await adapter().activate(request);
    expect(outcome).toMatchObject({
      kind: "confirmed",
      order: {
        iccid: esim.iccid,
        offerCode: "TOPUP_CN_5_30",
        expiresAt: new Date(end.getTime() + 30 * DAY_MS),
        totalBytes: 6n * GB,
      },
    });
    expect(await activationsAt(request.ourReference)).toBe(1);
  });

  it("asked for again with the same reference acts once and answers the same", async () => {
    const request = order();
    const first = await adapter().activate(request);
    expect(await adapter().activate(request)).toEqual(first);
    expect(await activationsAt(request.ourReference)).toBe(1);
  });

  it("asked for ten times at once acts once", async () => {
    const request = order();
    const carrier = adapter();
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => carrier.activate(request)));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["confirmed"]));
    expect(await activationsAt(request.ourReference)).toBe(1);
  });

  it("understands a carrier that writes success as a text", async () => {
    await standIns.esimAccess.seed({ behaviour: { success: "text" } });
    expect((await adapter().activate(order())).kind).toBe("confirmed");
    expect((await adapter().activate(order({ offerCode: "NONE" }))).kind).toBe("rejected");
  });

  it("is unknown after a time-out before the carrier acted, and the look-up finds nothing", async () => {
    await standIns.esimAccess.setFault({
      kind: "timeout_before",
      match: { path: "/api/v1/open/esim/topup" },
      ms: 5_000,
    });
    const carrier = adapter(300);
    const request = order();
    expect((await carrier.activate(request)).kind).toBe("unknown");
    expect(await carrier.findByOurReference(esim, request.ourReference)).toEqual({
      kind: "not_found",
    });
    expect((await adapter().activate(request)).kind).toBe("confirmed");
    expect(await activationsAt(request.ourReference)).toBe(1);
  });

  it("is unknown after a time-out after the carrier acted, and the look-up finds it", async () => {
    await standIns.esimAccess.setFault({
      kind: "timeout_after",
      match: { path: "/api/v1/open/esim/topup" },
      ms: 5_000,
    });
    const carrier = adapter(300);
    const request = order();
    expect((await carrier.activate(request)).kind).toBe("unknown");
    expect(await carrier.findByOurReference(esim, request.ourReference)).toMatchObject({
      kind: "found",
      order: {
        iccid: esim.iccid,
        offerCode: "TOPUP_CN_5_30",
        expiresAt: new Date(end.getTime() + 30 * DAY_MS),
        totalBytes: 6n * GB,
      },
    });
    expect(await activationsAt(request.ourReference)).toBe(1);
  });

  it("is unknown when the connection is lost after the carrier acted", async () => {
    await standIns.esimAccess.setFault({
      kind: "timeout_after",
      match: { path: "/api/v1/open/esim/topup" },
      ms: 1,
    });
    const request = order();
    expect((await adapter().activate(request)).kind).toBe("unknown");
    expect(await activationsAt(request.ourReference)).toBe(1);
  });

  it("that a look-up does not know yet is not found, and sending it again does not act twice", async () => {
    const request = order();
    const carrier = adapter();
    await carrier.activate(request);
    await standIns.esimAccess.setFault({ kind: "lookup_blind", ms: 60_000, times: null });
    expect(await carrier.findByOurReference(esim, request.ourReference)).toEqual({
      kind: "not_found",
    });
    expect((await carrier.activate(request)).kind).toBe("confirmed");
    await standIns.esimAccess.clearFaults();
    expect((await carrier.findByOurReference(esim, request.ourReference)).kind).toBe("found");
    expect(await activationsAt(request.ourReference)).toBe(1);
  });

  it("is busy, for as long as the carrier says, after 429", async () => {
    await standIns.esimAccess.setFault({ kind: "status", status: 429, retryAfterSeconds: 7 });
    const request = order();
    const carrier = adapter();
    expect(await carrier.activate(request)).toMatchObject({ kind: "busy", retryAfterSeconds: 7 });
    const mark = await standIns.esimAccess.mark();
    expect(await carrier.activate(request)).toMatchObject({ kind: "busy" });
    expect(await standIns.esimAccess.log(mark)).toEqual([]);
    expect(await activationsAt(request.ourReference)).toBe(0);
  });

  it("is busy when the carrier says so in its own words", async () => {
    await standIns.esimAccess.setFault({ kind: "refuse", errorCode: "900001" });
    expect((await adapter().activate(order())).kind).toBe("busy");
  });

  it("is busy when the carrier cannot be reached, for nothing was sent", async () => {
    expect(await adapter(1_000, await unusedAddress()).activate(order())).toMatchObject({
      kind: "busy",
      detail: "not sent: ECONNREFUSED",
    });
  });

  it("is unknown through a burst of 5xx, and goes on after it", async () => {
    await standIns.esimAccess.setFault({ kind: "status", status: 502, times: 2 });
    await standIns.esimAccess.setFault({ kind: "status", status: 500, times: 1 });
    const carrier = adapter();
    const request = order();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect((await carrier.activate(request)).kind).toBe("unknown");
    }
    expect((await carrier.activate(request)).kind).toBe("confirmed");
    expect(await activationsAt(request.ourReference)).toBe(1);
  });

  it.each([
    ["another ICCID", { "obj.iccid": "8988247999999999991" }],
    ["another reference", { "obj.transactionId": "somebody-elses" }],
    ["an end in the past", { "obj.expiredTime": "2001-01-01T00:00:00+0000" }],
    ["an end a lifetime away", { "obj.expiredTime": "2126-01-01T00:00:00+0000" }],
  ])("answered with %s is nonsense, for a person to judge", async (_text, set) => {
    await standIns.esimAccess.setFault({ kind: "nonsense", set });
    expect((await adapter().activate(order())).kind).toBe("nonsense");
  });

  it.each([
    ["the answer is empty", { obj: null }],
    ["success is neither", { success: "perhaps" }],
  ])("is unknown when %s", async (_text, set) => {
    await standIns.esimAccess.setFault({ kind: "nonsense", set });
    expect((await adapter().activate(order())).kind).toBe("unknown");
  });

  it.each([
    ["an expired eSIM", { esim: expired }, "esim_expired"],
    ["an eSIM the carrier does not know", { esim: stranger }, "esim_not_found"],
    ["a package that does not exist", { offerCode: "TOPUP_NOWHERE" }, "offer_not_found"],
    ["a package that does not fit", { offerCode: "TOPUP_US_1_7" }, "offer_not_found"],
  ])("is rejected for %s", async (_text, change, reason) => {
    const request = order(change);
    expect(await adapter().activate(request)).toMatchObject({ kind: "rejected", reason });
    expect(await activationsAt(request.ourReference)).toBe(0);
  });

  it("is rejected when our credit with the carrier is used up", async () => {
    await standIns.esimAccess.setCredit(100);
    expect(await adapter().activate(order())).toMatchObject({
      kind: "rejected",
      reason: "reseller_credit_exhausted",
    });
  });

  it("is rejected as the eleventh on one eSIM", async () => {
    const carrier = adapter();
    for (let count = 0; count < 10; count += 1) await carrier.activate(order());
    expect(await carrier.activate(order())).toMatchObject({
      kind: "rejected",
      reason: "topup_limit_reached",
    });
  });

  it("is rejected when the carrier is out of stock", async () => {
    await standIns.esimAccess.setFault({ kind: "refuse", errorCode: "200011" });
    expect(await adapter().activate(order())).toMatchObject({ reason: "out_of_stock" });
  });

  it("is busy, not lost, when the carrier takes our secret for wrong", async () => {
    const wrong = esimAccessAdapter({
      accessCode: sandboxSecrets.esimAccessCode,
      secret: "another",
      apiBase: `${standIns.addresses.esimAccess}/api/v1/open`,
      timeoutMs: 5_000,
      now: () => new Date(),
    });
    expect((await wrong.activate(order())).kind).toBe("busy");
  });

  it("never sends a reference longer than the carrier takes", async () => {
    await expect(adapter().activate(order({ ourReference: "x".repeat(51) }))).rejects.toThrow(
      RangeError,
    );
  });
});

describe("a server clock that is ten minutes off", () => {
  it.each([-10, 10])("by %i minutes does not stop activations", async (minutes) => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + minutes * 60_000 });
    try {
      const carrier = adapter();
      const mark = await standIns.esimAccess.mark();
      expect((await carrier.activate(order())).kind).toBe("confirmed");
      expect((await carrier.activate(order())).kind).toBe("confirmed");
      // Refused once; from then on the carrier's clock is used.
      const log = await standIns.esimAccess.log(mark);
      expect(log.map(({ errorCode }) => errorCode)).toEqual(["101001", null, null]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("is corrected once, however many calls are refused for it together", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10 * 60_000 });
    try {
      const carrier = adapter();
      const together = await Promise.all([1, 2, 3].map(() => carrier.activate(order())));
      expect(together.map(({ kind }) => kind)).toEqual(["confirmed", "confirmed", "confirmed"]);
      const mark = await standIns.esimAccess.mark();
      expect((await carrier.activate(order())).kind).toBe("confirmed");
      const log = await standIns.esimAccess.log(mark);
      expect(log.map(({ errorCode }) => errorCode)).toEqual([null]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("a look-up", () => {
  it("that cannot be made says unknown, not not found", async () => {
    const carrier = adapter(300);
    const request = order();
    await carrier.activate(request);
    await standIns.esimAccess.setFault({ kind: "timeout_before", ms: 5_000 });
    expect((await carrier.findByOurReference(esim, request.ourReference)).kind).toBe("unknown");
    await standIns.esimAccess.setFault({ kind: "status", status: 500 });
    expect((await carrier.findByOurReference(esim, request.ourReference)).kind).toBe("unknown");
    await standIns.esimAccess.setFault({ kind: "nonsense" });
    expect((await carrier.findByOurReference(esim, request.ourReference)).kind).toBe("unknown");
    expect((await carrier.findByOurReference(esim, request.ourReference)).kind).toBe("found");
  });

  it("compares our reference exactly", async () => {
    const carrier = adapter();
    const request = order();
    await carrier.activate(request);
    const cut = request.ourReference.slice(0, -1);
    expect(await carrier.findByOurReference(esim, cut)).toEqual({ kind: "not_found" });
    expect(await carrier.findByOurReference(fresh, request.ourReference)).toEqual({
      kind: "not_found",
    });
    expect(await carrier.findByOurReference(stranger, request.ourReference)).toEqual({
      kind: "not_found",
    });
  });

  it("lists every order on the eSIM, for reconciliation", async () => {
    const carrier = adapter();
    const [one, two] = [order(), order()];
    await carrier.activate(one);
    await carrier.activate(two);
    const references = (await carrier.listOrders(esim)).map((found) => found.ourReference);
    expect(references).toEqual(expect.arrayContaining([one.ourReference, two.ourReference]));
    expect(await carrier.listOrders(stranger)).toEqual([]);
  });

  it("lists every eSIM once with what was ordered for it, without the order that made it", async () => {
    await standIns.esimAccess.seed({
      esims: Array.from({ length: 501 }, (_, index) => ({
        esimTranNo: `2700000000${String(index).padStart(4, "0")}`,
        iccid: `898800000000000${String(index).padStart(4, "0")}`,
        packageCode: "CN_1_7",
        expiredTime: end.toISOString(),
      })),
    });
    const carrier = adapter();
    const request = order();
    await carrier.activate(request);
    const listed = await collect(carrier.listEsims());
    expect(new Set(listed.map((each) => each.carrierEsimId)).size).toBe(listed.length);
    expect(listed.length).toBeGreaterThan(501);
    expect(listed.flatMap((each) => each.orders.map((found) => found.ourReference))).toEqual([
      request.ourReference,
    ]);
    expect(listed.find((each) => each.carrierEsimId === esim.carrierEsimId)).toMatchObject({
      iccid: esim.iccid,
      orders: [{ offerCode: request.offerCode }],
    });
  });

  it("says when the list of eSIMs cannot be read to its end", async () => {
    const carrier = adapter();
    await standIns.esimAccess.setFault({ kind: "status", status: 503 });
    await expect(collect(carrier.listEsims())).rejects.toThrow(CarrierUnavailableError);
  });
});

describe("usage", () => {
  it.each(["list", "object"] as const)("is read where the list is an %s", async (usageShape) => {
    await standIns.esimAccess.seed({ behaviour: { usageShape } });
    const usedBytes = Number(GB / 2n);
    const asOf = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3 * 3_600_000);
    await standIns.esimAccess.setUsage(
      { esimTranNo: esim.carrierEsimId },
      { usedBytes, asOf: asOf.toISOString(), dailyUseBytes: 0 },
    );
    const usage = await adapter().readUsage([esim, fresh, stranger]);
    expect(usage.get(esim.carrierEsimId)).toMatchObject({
      totalBytes: GB,
      usedBytes: GB / 2n,
      networkState: "active",
      expiresAt: end,
    });
    expect(usage.get(esim.carrierEsimId)?.asOf.getTime()).toBeLessThanOrEqual(Date.now());
    expect(usage.get(fresh.carrierEsimId)).toMatchObject({
      usedBytes: 0n,
      networkState: "not_active",
    });
    expect(usage.has(stranger.carrierEsimId)).toBe(false);
  });

  it("of more eSIMs than one question takes is asked for in parts", async () => {
    const many = Array.from({ length: 12 }, (_, index) => ({
      iccid: `89882470000000001${String(index).padStart(2, "0")}`,
      carrierEsimId: `261122150000${String(index).padStart(2, "0")}`,
    }));
    await standIns.esimAccess.seed({
      esims: many.map(({ iccid, carrierEsimId }) => ({
        esimTranNo: carrierEsimId,
        iccid,
        packageCode: "CN_1_7",
        expiredTime: end.toISOString(),
      })),
    });
    const mark = await standIns.esimAccess.mark();
    const usage = await adapter().readUsage(many);
    expect([...usage.keys()].toSorted()).toEqual(many.map((one) => one.carrierEsimId));
    const asked = (await standIns.esimAccess.log(mark)).filter(({ path }) =>
      path.endsWith("usage/query"),
    );
    expect(asked).toHaveLength(2);
  });

  it("is not known while the carrier is down", async () => {
    await standIns.esimAccess.setFault({ kind: "status", status: 500 });
    await expect(adapter().readUsage([esim])).rejects.toThrow(CarrierUnavailableError);
  });
});

describe("the carrier's messages", () => {
  it("are hints, each told from others by its id, and their repeats are the same", async () => {
    const receiver = await startWebhookReceiver();
    await standIns.esimAccess.setAppUrl(receiver.url);
    try {
      await standIns.esimAccess.changeEsim(
        { esimTranNo: esim.carrierEsimId },
        { esimStatus: "USED_UP" },
      );
      await receiver.waitForCount(1);
      await standIns.esimAccess.redeliver({ type: "ESIM_STATUS" });
      await receiver.waitForCount(2);
      const events = receiver.received.map(({ headers, rawBody }) =>
        adapter().parseWebhook(headers, rawBody),
      );
      expect(events[0]).toMatchObject({
        kind: "event",
        event: { type: "ESIM_STATUS", iccid: esim.iccid, carrierEsimId: esim.carrierEsimId },
      });
      const ids = events.map((parsed) => (parsed.kind === "event" ? parsed.event.eventId : null));
      expect(new Set(ids).size).toBe(1);
    } finally {
      await receiver.close();
    }
  });

  it("that are none are malformed", () => {
    expect(adapter().parseWebhook(new Headers(), "{}").kind).toBe("malformed");
  });
});
