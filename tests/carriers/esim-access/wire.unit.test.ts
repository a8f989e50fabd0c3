import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  parseJsonKeepingDigits,
  readAnswer,
  readEsim,
  readOffers,
  readRefusal,
  readTime,
  readTopup,
  readUsageList,
  sameIccid,
} from "#lib/carriers/esim-access/wire.ts";

const now = new Date("2026-11-22T15:00:00Z");
const esim = { iccid: "8988247000000000016", carrierEsimId: "26112214000001" };
const request = { ourReference: "order-1", esim, offerCode: "TOPUP_CN_5_30" };
const topup = {
  transactionId: "order-1",
  iccid: esim.iccid,
  expiredTime: "2026-12-22T15:00:00+0000",
  totalVolume: 5_368_709_120,
  totalDuration: 30,
  orderUsage: 0,
  topUpEsimTranNo: "26112215000002",
};

describe("numbers that a double cannot hold", () => {
  it("keep every digit of an ICCID that comes as a bare number", () => {
    expect(parseJsonKeepingDigits('{"iccid":89852240810734216906}')).toEqual({
      iccid: "89852240810734216906",
    });
  });

  it("keep every digit whatever the number, and leave small ones numbers", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n }), (digits) => {
        const read = parseJsonKeepingDigits(`[${digits}]`) as unknown[];
        expect(String(read[0])).toBe(String(digits));
        expect(typeof read[0]).toBe(digits <= 2n ** 53n - 1n ? "number" : "string");
      }),
    );
  });

  it("are no reason to fail on what is no JSON", () => {
    expect(parseJsonKeepingDigits("<html>502</html>")).toBeNull();
  });
});

describe("the envelope", () => {
  it.each([true, "true"])("is a success with success = %j", (success) => {
    expect(readAnswer({ success, errorCode: null, obj: { a: 1 }, more: 1 })).toEqual({
      success: true,
      obj: { a: 1 },
    });
  });

  it.each([false, "false"])("is a refusal with success = %j", (success) => {
    expect(readAnswer({ success, errorCode: 200007, errorMsg: "poor" })).toEqual({
      success: false,
      code: "200007",
      message: "poor",
    });
  });

  it.each([null, "OK", [], {}, { success: "yes" }, { success: null }])("is none: %j", (answer) => {
    expect(readAnswer(answer)).toBeNull();
  });
});

describe("times", () => {
  it.each([
    "2026-03-12T23:59:59+0000",
    "2026-03-12T23:59:59Z",
    "2026-03-12 23:59:59",
    "2026-03-12T23:59:59.000+00:00",
    "2026-03-13T07:59:59+0800",
  ])("%s is 23:59:59 UTC", (text) => {
    expect(readTime(text)).toEqual(new Date("2026-03-12T23:59:59Z"));
  });

  it.each(["", "tomorrow", "2026-13-45T00:00:00Z", "2026-03-12", "1773359999"])(
    "%s is none",
    (text) => {
      expect(readTime(text)).toBeNull();
    },
  );
});

describe("what a refusal of a top-up means", () => {
  it.each([
    ["200007", "", "reseller_credit_exhausted"],
    ["200011", "", "out_of_stock"],
    ["310241", "", "offer_not_found"],
    ["310403", "", "esim_not_found"],
    ["200009", "", "esim_state"],
    ["200002", "SUSPENDED", "esim_state"],
    ["200002", "order USED_EXPIRED", "esim_expired"],
    ["200002", "at most 10 top-ups per eSIM", "topup_limit_reached"],
    ["200005", "price", "carrier_refused"],
    ["000105", "packageCode", "carrier_refused"],
    ["999999", "new", "carrier_refused"],
  ])("%s %s is final: %s", (code, message, reason) => {
    expect(readRefusal(code, message)).toMatchObject({ kind: "rejected", reason });
  });

  it.each(["900001", "101001", "101002", "101003"])("%s did nothing and may pass", (code) => {
    expect(readRefusal(code, "")).toMatchObject({ kind: "busy" });
  });

  it.each(["", "000001", "200010"])("%j may have acted", (code) => {
    expect(readRefusal(code, "")).toMatchObject({ kind: "unknown" });
  });
});

describe("what a successful top-up says", () => {
  it("is confirmed with the carrier's dates and bytes", () => {
    expect(readTopup(topup, request, now)).toEqual({
      kind: "confirmed",
      order: {
        carrierReference: "26112215000002",
        iccid: esim.iccid,
        offerCode: "TOPUP_CN_5_30",
        expiresAt: new Date("2026-12-22T15:00:00Z"),
        totalBytes: 5_368_709_120n,
      },
    });
  });

  it("is confirmed though the carrier leaves everything but the ICCID out", () => {
    expect(readTopup({ iccid: `${esim.iccid}F` }, request, now)).toMatchObject({
      kind: "confirmed",
      order: { carrierReference: "order-1", iccid: esim.iccid, expiresAt: null, totalBytes: null },
    });
  });

  it("counts bytes beyond what a double can hold", () => {
    const answer = parseJsonKeepingDigits(
      JSON.stringify(topup).replace("5368709120", "9007199254740993"),
    );
    expect(readTopup(answer, request, now)).toMatchObject({
      order: { totalBytes: 9_007_199_254_740_993n },
    });
  });

  it.each([
    ["another ICCID", { iccid: "8988247999999999991" }],
    ["another reference", { transactionId: "order-2" }],
    ["another package", { packageCode: "TOPUP_US_1_7" }],
    ["an end that has passed", { expiredTime: "2001-01-01T00:00:00+0000" }],
    ["an end beyond any service", { expiredTime: "2099-01-01T00:00:00+0000" }],
    ["an end that is no time", { expiredTime: "soon" }],
    ["less than no data", { totalVolume: -1 }],
  ])("is nonsense with %s, and nothing is shown as active", (_text, change) => {
    expect(readTopup({ ...topup, ...change }, request, now).kind).toBe("nonsense");
  });

  it.each([null, "done", {}, { transactionId: "order-1" }])(
    "is looked up when it says nothing of the eSIM: %j",
    (obj) => {
      expect(readTopup(obj, request, now).kind).toBe("unknown");
    },
  );
});

describe("an eSIM with its packages", () => {
  const entry = { packageName: "x", packageCode: "TOPUP_CN_5_30", createTime: "2026-11-22" };
  const shown = {
    esimTranNo: esim.carrierEsimId,
    iccid: esim.iccid,
    transactionId: "base",
    esimStatus: "IN_USE",
    smdpStatus: "ENABLED",
    totalVolume: 10,
    orderUsage: 3,
    expiredTime: "2026-12-22T15:00:00+0000",
    packageList: [
      { ...entry, packageCode: "CN_1_7", transactionId: "base", esimTranNo: "1" },
      { ...entry, transactionId: "order-1", esimTranNo: "2" },
      { ...entry, transactionId: null },
      entry,
      "strange",
    ],
  };

  it("tells the orders that carry a reference, and tolerates those that do not", () => {
    const read = readEsim({ esimList: [shown], pager: {} }, esim);
    expect(read).toMatchObject({ kind: "found", esim: { networkState: "active" } });
    if (read.kind !== "found") return;
    expect(read.esim.orders.map((order) => [order.ourReference, order.carrierReference])).toEqual([
      ["base", "1"],
      ["order-1", "2"],
    ]);
    expect(read.esim.orders[1]).toEqual({
      ourReference: "order-1",
      carrierReference: "2",
      iccid: esim.iccid,
      offerCode: "TOPUP_CN_5_30",
      expiresAt: new Date("2026-12-22T15:00:00Z"),
      totalBytes: 10n,
    });
  });

  it("counts nothing below nothing", () => {
    const list = [{ ...shown, totalVolume: -10, orderUsage: -3 }];
    expect(readEsim({ esimList: list }, esim)).toMatchObject({
      esim: { totalBytes: null, usedBytes: null },
    });
  });

  it("without a packageList has no orders", () => {
    const read = readEsim({ esimList: [{ ...shown, packageList: null }] }, esim);
    expect(read).toMatchObject({ kind: "found", esim: { orders: [] } });
  });

  it("that the carrier does not have is absent", () => {
    expect(readEsim({ esimList: [] }, esim)).toEqual({ kind: "absent" });
  });

  it.each([
    ["there is no list", {}],
    ["another eSIM came back", { esimList: [{ ...shown, esimTranNo: "01010100000000" }] }],
    ["another ICCID came back", { esimList: [{ ...shown, iccid: "8988247999999999991" }] }],
  ])("is not known, rather than absent, when %s", (_text, obj) => {
    expect(readEsim(obj, esim).kind).toBe("unreadable");
  });

  it.each([
    ["GOT_RESOURCE", "not_active"],
    ["IN_USE", "active"],
    ["USED_UP", "depleted"],
    ["USED_EXPIRED", "expired"],
    ["UNUSED_EXPIRED", "expired"],
    ["CANCEL", "cancelled"],
    ["REVOKED", "cancelled"],
    ["SUSPENDED", "suspended"],
    ["SOMETHING_NEW", null],
  ])("in state %s is %s", (esimStatus, networkState) => {
    expect(readEsim({ esimList: [{ ...shown, esimStatus }] }, esim)).toMatchObject({
      esim: { networkState },
    });
  });

  it("is the same eSIM with and without padding", () => {
    expect(sameIccid("8988247000000000016F", "8988247000000000016")).toBe(true);
    expect(sameIccid("8988247000000000016", "8988247000000000017")).toBe(false);
  });
});

describe("usage", () => {
  const figures = {
    esimTranNo: "1",
    dataUsage: 1_073_741_824,
    totalData: "5368709120",
    lastUpdateTime: "2026-11-22T12:00:00+0000",
  };
  const expected = new Map([
    [
      "1",
      {
        usedBytes: 1_073_741_824n,
        totalBytes: 5_368_709_120n,
        asOf: new Date("2026-11-22T12:00:00Z"),
      },
    ],
  ]);

  it("is found in either place the list may be, without what cannot be read", () => {
    const list = [figures, { ...figures, esimTranNo: "2", lastUpdateTime: "" }, null];
    expect(readUsageList(list)).toEqual(expected);
    expect(readUsageList({ esimUsageList: list, more: true })).toEqual(expected);
  });

  it.each([{ dataUsage: -1 }, { totalData: "-5" }])("below nothing is left out: %j", (change) => {
    const list = [{ ...figures, esimTranNo: "2", ...change }, figures];
    expect(readUsageList(list)).toEqual(expected);
  });

  it("is not known without a list", () => {
    expect(readUsageList({})).toBeNull();
    expect(readUsageList(null)).toBeNull();
  });
});

describe("offers", () => {
  const offer = {
    packageCode: "TOPUP_CN_5_30",
    name: "China 5GB 30Days",
    price: 38_000,
    currencyCode: "USD",
    volume: 5_368_709_120,
    duration: 30,
    durationUnit: "DAY",
    location: "CN, HK,MO,EU-42",
    fupPolicy: "",
  };

  it("are in bytes, days, countries and ten-thousandths of a dollar", () => {
    expect(readOffers({ packageList: [offer] })).toEqual([
      {
        code: "TOPUP_CN_5_30",
        name: "China 5GB 30Days",
        dataBytes: 5_368_709_120n,
        validityDays: 30,
        countryCodes: ["CN", "HK", "MO"],
        costUsdTenThousandths: 38_000n,
      },
    ]);
  });

  it("that cannot be read do not hide the others", () => {
    const list = [
      { ...offer, price: 3.8 },
      { ...offer, currencyCode: "CNY" },
      { ...offer, durationUnit: "FORTNIGHT" },
      offer,
    ];
    expect(readOffers({ packageList: list })).toHaveLength(1);
  });

  it("are not known without a list", () => {
    expect(readOffers({ packages: [] })).toBeNull();
  });
});
