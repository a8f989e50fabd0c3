import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import type { HistoryEntry } from "#lib/domain/history.ts";
import { money } from "#lib/domain/money.ts";
import type { Reader } from "#lib/i18n/format.ts";
import { historyCsv, historyJson } from "#lib/web/history-file.ts";

const NOW = new Date("2026-03-20T00:00:00Z");
const ESIM = { iccid: "89860012345678901234", label: "=cmd()" };
const PLAN = { en: "Asia 10 GB", "zh-CN": "亚洲 10 GB" };
const about = { orderNumber: "AX-7Q2F-91KM", esim: ESIM, at: new Date("2026-03-12T06:02:11Z") };
const ENTRIES: readonly HistoryEntry[] = [
  { ...about, id: "1", kind: "order", phase: "live", planName: PLAN, amount: money(6800n, "CNY") },
  {
    ...about,
    id: "2",
    kind: "payment",
    method: "balance",
    isRefund: true,
    state: "succeeded",
    amount: money(-6800n, "JPY"),
  },
  {
    ...about,
    id: "3",
    kind: "period",
    planName: PLAN,
    startsAt: new Date("2026-02-10T16:00:00Z"),
    endsAt: new Date("2026-03-12T15:59:00Z"),
    state: "active",
  },
  {
    ...about,
    id: "4",
    kind: "message",
    template: "of_another_version",
    channel: "email",
    state: "sent",
  },
  {
    ...about,
    id: "5",
    orderNumber: null,
    esim: null,
    kind: "document",
    documentKind: "invoice",
    number: "I-2026-000007",
    amount: money(5n, "KWD"),
  },
];

async function* batches(): AsyncGenerator<readonly HistoryEntry[]> {
  yield ENTRIES.slice(0, 2);
  yield ENTRIES.slice(2);
}

async function whole(parts: AsyncGenerator<string>): Promise<string> {
  let text = "";
  for await (const part of parts) text += part;
  return text;
}

describe("as CSV", () => {
  const rowsFor = async (reader: Reader): Promise<string[][]> => {
    const text = await whole(historyCsv(batches(), reader, NOW));
    expect(text.startsWith("\ufeff")).toBe(true);
    return parse(text.slice(1));
  };

  test("each entry is a line that a spreadsheet reads, in the reader's words and zone", async () => {
    expect(await rowsFor({ locale: "en", timeZone: "Asia/Shanghai" })).toEqual(
      [
        [
          "Time (Asia/Shanghai)",
          "Kind",
          "Description",
          "State",
          "Amount",
          "Currency",
          "Order",
          "eSIM",
          "ICCID",
        ],
        ["Order", "Asia 10 GB", "Completed", "68.00", "CNY"],
        ["Refund", "Refund: Account balance", "Refunded", "-6800", "JPY"],
        ["Period", "Asia 10 GB, 11 Feb 2026 to 12 Mar 2026", "Over", "", ""],
        ["Message", "Message about your eSIM", "Sent", "", ""],
        ["Document", "Invoice I-2026-000007", "Issued", "0.005", "KWD"],
      ].map((row, index) =>
        index === 0
          ? row
          : [
              "2026-03-12 14:02:11",
              ...row,
              ...(index === 5
                ? ["", "", ""]
                : ["AX-7Q2F-91KM", "'=cmd()", "8986 0012 3456 7890 1234"]),
            ],
      ),
    );
  });

  test("is Chinese for Chinese readers", async () => {
    const [head, first] = await rowsFor({ locale: "zh-CN", timeZone: "Europe/London" });
    expect(head?.slice(0, 3)).toEqual(["时间（Europe/London）", "类型", "内容"]);
    expect(first?.slice(0, 3)).toEqual(["2026-03-12 06:02:11", "订单", "亚洲 10 GB"]);
  });
});

describe("as JSON", () => {
  test("programs get exact amounts, times in UTC and both languages", async () => {
    const entries = JSON.parse(await whole(historyJson(batches()))) as unknown[];
    expect(entries).toHaveLength(5);
    expect(entries[0]).toEqual({
      kind: "order",
      at: "2026-03-12T06:02:11.000Z",
      orderNumber: "AX-7Q2F-91KM",
      esim: ESIM,
      phase: "live",
      planName: PLAN,
      amount: { value: "68.00", currency: "CNY" },
    });
    expect(entries[4]).toMatchObject({ amount: { value: "0.005", currency: "KWD" } });
  });

  test("nothing is an empty array", async () => {
    async function* none(): AsyncGenerator<readonly HistoryEntry[]> {}
    expect(JSON.parse(await whole(historyJson(none())))).toEqual([]);
  });
});
