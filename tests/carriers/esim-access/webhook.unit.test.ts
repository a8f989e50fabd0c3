import { describe, expect, it } from "vitest";
import { parseEsimAccessWebhook } from "#lib/carriers/esim-access/webhook.ts";

const message = {
  notifyType: "DATA_USAGE",
  eventGenerateTime: "2026-11-22T15:00:00Z",
  notifyId: "4ce9d9cdac9e4e17b3a2c66c358c1ce2",
  content: { iccid: "8988247000000000016", esimTranNo: "26112214000001", remain: 1 },
};

describe("a notification of the carrier", () => {
  it("is a hint about one eSIM, told from others by its notifyId", () => {
    expect(parseEsimAccessWebhook(JSON.stringify(message))).toEqual({
      kind: "event",
      event: {
        eventId: "4ce9d9cdac9e4e17b3a2c66c358c1ce2",
        type: "DATA_USAGE",
        iccid: "8988247000000000016",
        carrierEsimId: "26112214000001",
      },
      payload: message,
    });
  });

  it("keeps all digits of an ICCID that comes as a bare number", () => {
    const body = JSON.stringify(message).replace('"8988247000000000016"', "89852240810734216906");
    expect(parseEsimAccessWebhook(body)).toMatchObject({
      event: { iccid: "89852240810734216906" },
    });
  });

  it("without a notifyId is the same message only when it is word for word the same", () => {
    const idOf = (change: object): string => {
      const parsed = parseEsimAccessWebhook(
        JSON.stringify({ ...message, notifyId: undefined, ...change }),
      );
      return parsed.kind === "event" ? parsed.event.eventId : parsed.reason;
    };
    expect(idOf({})).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(idOf({})).toBe(idOf({}));
    expect(idOf({ eventGenerateTime: "2026-11-22T15:00:01Z" })).not.toBe(idOf({}));
    expect(idOf({ notifyId: "" })).toMatch(/^sha256:/);
  });

  it("that only asks whether we are there names no eSIM", () => {
    const body = JSON.stringify({
      notifyType: "CHECK_HEALTH",
      notifyId: "1",
      content: { orderNo: "1234567890", orderStatus: "Test" },
    });
    expect(parseEsimAccessWebhook(body)).toMatchObject({
      kind: "event",
      event: { type: "CHECK_HEALTH", iccid: null, carrierEsimId: null },
    });
  });

  it("with an ICCID that is none names no eSIM by it", () => {
    const content = { iccid: "' OR 1=1", esimTranNo: "26112214000001" };
    expect(parseEsimAccessWebhook(JSON.stringify({ ...message, content }))).toMatchObject({
      event: { iccid: null, carrierEsimId: "26112214000001" },
    });
  });

  it.each(["", "not JSON", "null", "[]", "{}", '{"notifyType":""}', '{"notifyType":{"a":1}}'])(
    "is malformed as %j",
    (body) => {
      expect(parseEsimAccessWebhook(body).kind).toBe("malformed");
    },
  );
});
