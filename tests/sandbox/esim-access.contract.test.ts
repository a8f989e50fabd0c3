import { createHmac, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sandboxSecrets, startStandIns, until } from "#tests/support/stand-ins.ts";
import type { StartedStandIns } from "#tests/support/stand-ins.ts";

const GiB = 1024 ** 3;
const day = 24 * 3600 * 1000;

interface Notification {
  notifyType: string;
  notifyId: string;
  content: Record<string, unknown>;
}

interface Answer {
  success: unknown;
  errorCode: string | null;
  errorMsg: string | null;
  obj: Record<string, unknown>;
}

let standIns: StartedStandIns;
let shop: Server;
let shopUrl = "";
let received: Notification[] = [];

beforeAll(async () => {
  shop = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
    request.on("end", () => {
      received.push(JSON.parse(body) as Notification);
      response.writeHead(request.url === "/deaf" ? 500 : 200).end();
    });
  });
  await new Promise<void>((resolve) => shop.listen(0, "127.0.0.1", resolve));
  shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
  standIns = await startStandIns({ appUrl: shopUrl });
});

afterAll(async () => {
  await standIns.stop();
  shop.close();
});

const expiresAt = (days: number): string => new Date(Date.now() + days * day).toISOString();

function base(code: string, location: string) {
  return {
    packageCode: code,
    slug: `${location}_3_30`,
    name: `${location} 3 GB 30 days`,
    type: "BASE" as const,
    price: 30_000,
    volume: 3 * GiB,
    duration: 30,
    location,
  };
}

function topUpPackage(code: string, location: string) {
  return {
    packageCode: code,
    slug: `${location}_1_7_TOPUP`,
    name: `${location} 1 GB 7 days`,
    type: "TOPUP" as const,
    price: 12_000,
    volume: GiB,
    duration: 7,
    location,
  };
}

function esim(esimTranNo: string, iccid: string, more: object = {}) {
  return {
    esimTranNo,
    iccid,
    packageCode: "JP3",
    usedBytes: GiB,
    dailyUseBytes: 0,
    expiredTime: expiresAt(10),
    ...more,
  };
}

beforeEach(async () => {
  await standIns.esimAccess.waitForWebhooks();
  await standIns.esimAccess.reset();
  await standIns.esimAccess.setClock(0);
  await standIns.esimAccess.seed({
    credit: 1_000_000,
    packages: [base("JP3", "JP"), topUpPackage("TOPUP_JP1", "JP"), topUpPackage("TOPUP_FR1", "FR")],
    esims: [esim("E1", "8988247000000000016")],
  });
  received = [];
});

interface Signing {
  timestamp?: string;
  secret?: string;
  signature?: (hex: string) => string;
  accessCode?: string;
}

async function send(endpoint: string, body: string, signing: Signing = {}): Promise<Response> {
  const timestamp = signing.timestamp ?? String(Date.now());
  const requestId = randomUUID();
  const accessCode = signing.accessCode ?? sandboxSecrets.esimAccessCode;
  const hex = createHmac("sha256", signing.secret ?? sandboxSecrets.esimAccessSecret)
    .update(timestamp + requestId + accessCode + body)
    .digest("hex");
  return fetch(`${standIns.addresses.esimAccess}/api/v1/open/${endpoint}`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "RT-AccessCode": accessCode,
      "RT-Timestamp": timestamp,
      "RT-RequestID": requestId,
      "RT-Signature": signing.signature?.(hex) ?? hex,
    },
  });
}

async function call(endpoint: string, body: object, signing?: Signing): Promise<Answer> {
  const answer = await send(endpoint, JSON.stringify(body), signing);
  return (await answer.json()) as Answer;
}

const pager = { pageNum: 1, pageSize: 5 };

async function query(which: object): Promise<Record<string, unknown>> {
  const answer = await call("esim/query", { ...which, pager });
  const list = answer.obj["esimList"] as Record<string, unknown>[];
  return list[0] ?? {};
}

function notified(notifyType: string): Promise<Notification> {
  return until(
    async () => received.find((each) => each.notifyType === notifyType),
    5_000,
    `no ${notifyType}`,
  );
}

describe("who may ask", () => {
  test("the vendor's published example of a signature is what this stand-in computes", async () => {
    const { sign } = await import("#lib/sandbox/esim-access/wire.ts");
    const signature = sign("1111", {
      timestamp: "1628670421",
      requestId: "4ce9d9cdac9e4e17b3a2c66c358c1ce2",
      accessCode: "11111",
      body: '{"imsi":"326543826"}',
    });
    expect(signature).toBe("7eb765e27df5373dea2dbc8c41a7d9557743e46c8054750f3d851b3fd01d0835");
  });

  test("lower and upper case signatures pass, wrong ones do not", async () => {
    expect((await call("balance/query", {})).obj).toEqual({ balance: 1_000_000 });
    const upper = await call("balance/query", {}, { signature: (hex) => hex.toUpperCase() });
    expect(upper.success).toBe(true);
    const wrong = await call("balance/query", {}, { secret: "wrong" });
    expect(wrong).toMatchObject({ success: false, errorCode: "101003" });
    const stranger = await call("balance/query", {}, { accessCode: "somebody" });
    expect(stranger.errorCode).toBe("101003");
  });

  test("an old or a future timestamp and missing headers are refused", async () => {
    const old = await call("balance/query", {}, { timestamp: String(Date.now() - 600_000) });
    expect(old.errorCode).toBe("101001");
    const future = await call("balance/query", {}, { timestamp: String(Date.now() + 600_000) });
    expect(future.errorCode).toBe("101001");
    const bare = await fetch(`${standIns.addresses.esimAccess}/api/v1/open/balance/query`, {
      method: "POST",
    });
    expect(await bare.json()).toMatchObject({ errorCode: "000101" });
  });

  test("unknown, missing, empty and overlong parameters are refused with the vendor's codes", async () => {
    const topUp = { esimTranNo: "E1", packageCode: "TOPUP_JP1", transactionId: "t1" };
    const cases: [string, object, string][] = [
      ["esim/topup", { ...topUp, currency: "USD" }, "000105"],
      ["esim/topup", { esimTranNo: "E1", packageCode: "TOPUP_JP1" }, "000105"],
      ["esim/topup", { ...topUp, transactionId: null }, "000106"],
      ["esim/topup", { ...topUp, transactionId: "x".repeat(51) }, "000107"],
      ["esim/topup", { packageCode: "TOPUP_JP1", transactionId: "t1" }, "000105"],
      ["esim/usage/query", { esimTranNoList: Array.from({ length: 11 }, () => "E1") }, "000107"],
      ["esim/query", { esimTranNo: "E1" }, "000105"],
      ["esim/query", { esimTranNo: "E1", pager: { pageNum: 1, pageSize: 1 } }, "000107"],
    ];
    for (const [endpoint, body, code] of cases) {
      const { errorCode } = await call(endpoint, body);
      expect([endpoint, body, errorCode]).toEqual([endpoint, body, code]);
    }
    const garbled = await send("balance/query", "{not json");
    expect(await garbled.json()).toMatchObject({ errorCode: "000104" });
    expect((await standIns.esimAccess.state()).topUps).toEqual([]);
  });
});

describe("topping up", () => {
  const request = { esimTranNo: "E1", packageCode: "TOPUP_JP1", transactionId: "item-1" };

  test("adds data and days, takes credit, and is found again by its transactionId", async () => {
    const before = await query({ esimTranNo: "E1" });
    const answer = await call("esim/topup", request);
    expect(answer).toMatchObject({
      success: true,
      obj: { transactionId: "item-1", iccid: "8988247000000000016", totalVolume: 4 * GiB },
    });
    const after = await query({ iccid: "8988247000000000016" });
    const grown =
      Date.parse(String(after["expiredTime"])) - Date.parse(String(before["expiredTime"]));
    expect(grown).toBe(7 * day);
    expect(after).toMatchObject({ totalVolume: 4 * GiB, orderUsage: GiB, totalDuration: 37 });
    const packages = after["packageList"] as Record<string, unknown>[];
    expect(packages).toHaveLength(2);
    expect(packages[1]).toMatchObject({
      packageCode: "TOPUP_JP1",
      transactionId: "item-1",
      esimTranNo: answer.obj["topUpEsimTranNo"],
      volume: GiB,
      duration: 7,
    });
    expect((await call("balance/query", {})).obj).toEqual({ balance: 988_000 });
  });

  test("the same transactionId again gives the first answer and adds nothing", async () => {
    const first = await call("esim/topup", request);
    const again = await call("esim/topup", request);
    expect(again.obj).toEqual(first.obj);
    expect((await query({ esimTranNo: "E1" }))["totalVolume"]).toBe(4 * GiB);
    const log = await standIns.esimAccess.log();
    const topUps = log.filter(({ path }) => path.endsWith("esim/topup"));
    expect(topUps.map(({ acted, transactionId }) => [acted, transactionId])).toEqual([
      [true, "item-1"],
      [false, "item-1"],
    ]);
  });

  test("many at once with one transactionId are one top-up", async () => {
    await Promise.all(Array.from({ length: 20 }, () => call("esim/topup", request)));
    expect((await standIns.esimAccess.state()).esims[0]?.topUps).toHaveLength(1);
  });

  test("revives what is used up, and refuses what has expired or ended", async () => {
    await standIns.esimAccess.seed({
      esims: [
        esim("E2", "8988247000000000024", { esimStatus: "USED_UP", usedBytes: 3 * GiB }),
        esim("E3", "8988247000000000032", { expiredTime: expiresAt(-1) }),
        esim("E4", "8988247000000000040", { esimStatus: "CANCEL" }),
      ],
    });
    const used = await call("esim/topup", { ...request, esimTranNo: "E2" });
    expect(used.success).toBe(true);
    expect((await query({ esimTranNo: "E2" }))["esimStatus"]).toBe("IN_USE");
    for (const esimTranNo of ["E3", "E4"]) {
      const refused = await call("esim/topup", {
        ...request,
        esimTranNo,
        transactionId: `t-${esimTranNo}`,
      });
      expect(refused.errorCode).toBe("200002");
    }
    expect((await query({ esimTranNo: "E3" }))["esimStatus"]).toBe("USED_EXPIRED");
  });

  test("refuses the eleventh, a package that does not fit, an unknown one and an empty purse", async () => {
    for (let count = 1; count <= 10; count += 1) {
      await call("esim/topup", { ...request, transactionId: `t-${count}` });
    }
    const eleventh = await call("esim/topup", { ...request, transactionId: "t-11" });
    expect(eleventh.errorCode).toBe("200002");
    await standIns.esimAccess.seed({ esims: [esim("E1", "8988247000000000016")] });
    const misfit = await call("esim/topup", { ...request, packageCode: "TOPUP_FR1" });
    expect(misfit.errorCode).toBe("310243");
    const unknown = await call("esim/topup", { ...request, packageCode: "TOPUP_XX" });
    expect(unknown.errorCode).toBe("310241");
    await standIns.esimAccess.setCredit(11_999);
    expect((await call("esim/topup", request)).errorCode).toBe("200007");
    expect((await query({ esimTranNo: "E1" }))["totalVolume"]).toBe(3 * GiB);
  });

  test("lists only the top-ups that fit an eSIM", async () => {
    const answer = await call("package/list", { type: "TOPUP", iccid: "8988247000000000016" });
    const packages = answer.obj["packageList"] as { packageCode: string }[];
    expect(packages.map(({ packageCode }) => packageCode)).toEqual(["TOPUP_JP1"]);
    const bases = await call("package/list", { type: "BASE", locationCode: "JP" });
    expect(bases.obj["packageList"]).toHaveLength(1);
  });
});

describe("usage", () => {
  test("grows with time, the same way every time, and is hours late", async () => {
    const perDay = 240 * 1024 * 1024;
    const usedAsOf = expiresAt(-1);
    await standIns.esimAccess.seed({
      esims: [esim("E5", "8988247000000000057", { dailyUseBytes: perDay, usedBytes: 0, usedAsOf })],
    });
    await standIns.esimAccess.setClock(24 * 3600);
    const read = async (): Promise<{ answer: Answer; usage: Record<string, unknown> }> => {
      const answer = await call("esim/usage/query", { esimTranNoList: ["E5"] });
      const list = Array.isArray(answer.obj) ? answer.obj : answer.obj["esimUsageList"];
      return { answer, usage: (list as Record<string, unknown>[])[0] ?? {} };
    };
    const { usage } = await read();
    const lastUpdate = Date.parse(String(usage["lastUpdateTime"]));
    const elapsed = lastUpdate - Date.parse(usedAsOf);
    expect(usage).toMatchObject({
      dataUsage: Math.floor((perDay * elapsed) / day),
      totalData: 3 * GiB,
    });
    expect(Date.now() + day - lastUpdate).toBeGreaterThanOrEqual(2 * 3600 * 1000);
    await standIns.esimAccess.seed({ behaviour: { usageShape: "list", success: "text" } });
    const { answer } = await read();
    expect(answer.success).toBe("true");
    expect(answer.obj).toMatchObject([{ esimTranNo: "E5", totalData: 3 * GiB }]);
  });

  test("thresholds, the last byte and the last day are notified once each", async () => {
    await standIns.esimAccess.setUsage({ esimTranNo: "E1" }, { usedBytes: 2 * GiB });
    const half = await notified("DATA_USAGE");
    expect(half.content).toMatchObject({ esimTranNo: "E1", remainThreshold: 0.5, remain: GiB });
    await standIns.esimAccess.setUsage({ esimTranNo: "E1" }, { usedBytes: 3 * GiB });
    const status = await notified("ESIM_STATUS");
    expect(status.content).toMatchObject({ esimStatus: "USED_UP", iccid: "8988247000000000016" });
    await standIns.esimAccess.setClock(9.5 * 24 * 3600);
    expect((await notified("VALIDITY_USAGE")).content).toMatchObject({ remain: 1 });
    await query({ esimTranNo: "E1" });
    const state = await standIns.esimAccess.state();
    expect(new Set(state.notifications.map(({ notifyId }) => notifyId)).size).toBe(
      state.notifications.length,
    );
    const thresholds = state.notifications.filter(({ notifyType }) => notifyType === "DATA_USAGE");
    expect(thresholds.map(({ content }) => content["remainThreshold"])).toEqual([0.5, 0.2, 0.1]);
  });
});

describe("new eSIMs", () => {
  test("are allocated a moment after the order, and announced", async () => {
    await standIns.esimAccess.seed({ behaviour: { allocationSeconds: 3600 } });
    const wanted = {
      transactionId: "order-1",
      amount: 30_000,
      packageInfoList: [{ packageCode: "JP3", count: 1, price: 30_000 }],
    };
    const { orderNo } = (await call("esim/order", wanted)).obj;
    expect((await call("esim/order", wanted)).obj["orderNo"]).toBe(orderNo);
    expect((await call("esim/query", { orderNo, pager })).errorCode).toBe("200010");
    await standIns.esimAccess.allocateOrders();
    expect((await notified("ORDER_STATUS")).content).toMatchObject({
      orderNo,
      orderStatus: "GOT_RESOURCE",
    });
    const allocated = await query({ orderNo });
    expect(allocated).toMatchObject({ smdpStatus: "RELEASED", esimStatus: "GOT_RESOURCE" });
    expect(allocated["iccid"]).toMatch(/^\d{19}$/);
    expect(allocated["ac"]).toMatch(/^LPA:1\$/);
    const { esimTranNo } = allocated;
    expect((await call("esim/cancel", { esimTranNo })).success).toBe(true);
    expect((await call("balance/query", {})).obj).toEqual({ balance: 1_000_000 });
    expect((await call("esim/cancel", { esimTranNo })).errorCode).toBe("200002");
  });

  test("a wrong price is refused", async () => {
    const item = { packageCode: "JP3", count: 2, price: 29_999 };
    const price = await call("esim/order", { transactionId: "o2", packageInfoList: [item] });
    expect(price.errorCode).toBe("200005");
    const total = await call("esim/order", {
      transactionId: "o3",
      amount: 1,
      packageInfoList: [{ packageCode: "JP3", count: 2 }],
    });
    expect(total.errorCode).toBe("200006");
  });
});

describe("a line in use", () => {
  test("is suspended, resumed, texted and revoked", async () => {
    const which = { esimTranNo: "E1" };
    expect((await call("esim/suspend", which)).success).toBe(true);
    expect((await query(which))["esimStatus"]).toBe("SUSPENDED");
    expect((await call("esim/unsuspend", which)).success).toBe(true);
    expect((await query(which))["esimStatus"]).toBe("IN_USE");
    expect((await call("esim/sendSms", { ...which, message: "Hello" })).success).toBe(true);
    expect((await standIns.esimAccess.state()).sms).toMatchObject([{ message: "Hello" }]);
    expect((await call("esim/revoke", which)).success).toBe(true);
    expect((await query(which))["esimStatus"]).toBe("REVOKED");
    expect((await call("esim/unsuspend", which)).errorCode).toBe("200002");
  });

  test("the profile on the device changes without the data plan", async () => {
    await standIns.esimAccess.changeEsim({ esimTranNo: "E1" }, { smdpStatus: "DELETED" });
    expect((await notified("SMDP_EVENT")).content).toMatchObject({ smdpStatus: "DELETED" });
    expect(await query({ esimTranNo: "E1" })).toMatchObject({
      smdpStatus: "DELETED",
      esimStatus: "IN_USE",
    });
  });

  test("nobody knows an eSIM of somebody else", async () => {
    expect((await call("esim/query", { iccid: "8900000000000000000", pager })).errorCode).toBe(
      "310403",
    );
    expect((await call("esim/query", { orderNo: "B0", pager })).errorCode).toBe("310272");
  });
});

describe("the notification address", () => {
  test("is asked before it is kept, and kept only if it answers", async () => {
    const deaf = await call("webhook/save", { webhook: `${shopUrl}/deaf` });
    expect(deaf.success).toBe(false);
    const good = await call("webhook/save", { webhook: `${shopUrl}/hook` });
    expect(good.success).toBe(true);
    expect((await notified("CHECK_HEALTH")).content).toEqual({
      orderNo: "1234567890",
      orderStatus: "Test",
    });
    expect((await call("webhook/query", {})).obj).toEqual({ webhook: `${shopUrl}/hook` });
  });
});

describe("faults", () => {
  const request = { esimTranNo: "E1", packageCode: "TOPUP_JP1", transactionId: "item-9" };

  test("a look-up is blind for a while after the carrier acted without answering", async () => {
    await standIns.esimAccess.setFault({
      kind: "timeout_after",
      ms: 50,
      match: { path: "/api/v1/open/esim/topup" },
    });
    await standIns.esimAccess.setFault({ kind: "lookup_blind", ms: 3_600_000 });
    await expect(call("esim/topup", request)).rejects.toThrow("fetch failed");
    const blind = await query({ esimTranNo: "E1" });
    expect(blind["totalVolume"]).toBe(3 * GiB);
    expect(blind["packageList"]).toHaveLength(1);
    await standIns.esimAccess.clearFaults();
    await standIns.esimAccess.setFault({ kind: "lookup_blind", ms: 1 });
    const seen = await until(
      async () => {
        const found = await query({ esimTranNo: "E1" });
        return found["totalVolume"] === 4 * GiB ? found : undefined;
      },
      5_000,
      "the look-up stays blind",
    );
    expect(seen["packageList"]).toHaveLength(2);
  });

  test("nonsense, refusals, rate limits and outages look as the vendor's would", async () => {
    await standIns.esimAccess.setFault({ kind: "nonsense" });
    const odd = await call("esim/topup", request);
    expect(odd.obj["iccid"]).not.toBe("8988247000000000016");
    expect((await standIns.esimAccess.state()).topUps).toHaveLength(1);
    await standIns.esimAccess.setFault({ kind: "refuse", errorCode: "200011" });
    const refused = await call("esim/topup", { ...request, transactionId: "item-10" });
    expect(refused).toMatchObject({ success: false, errorCode: "200011" });
    await standIns.esimAccess.setFault({ kind: "status", status: 429, retryAfterSeconds: 3 });
    const busy = await send("esim/topup", JSON.stringify(request));
    expect([busy.status, busy.headers.get("retry-after")]).toEqual([429, "3"]);
    await standIns.esimAccess.setFault({ kind: "status", status: 502, times: 2 });
    expect((await send("balance/query", "{}")).status).toBe(502);
    expect((await send("balance/query", "{}")).status).toBe(502);
    expect((await send("balance/query", "{}")).status).toBe(200);
  });

  test("a parked request acts only when it is let go", async () => {
    await standIns.esimAccess.setFault({
      kind: "hold_before",
      match: { path: "/api/v1/open/esim/topup" },
    });
    const pending = call("esim/topup", request);
    const held = await standIns.esimAccess.waitForHeld();
    expect(held.params).toMatchObject({ transactionId: "item-9" });
    expect((await standIns.esimAccess.state()).topUps).toHaveLength(0);
    await standIns.esimAccess.release();
    expect((await pending).success).toBe(true);
  });
});
