import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LOCALES } from "#lib/domain/locale.ts";
import { money } from "#lib/domain/money.ts";
import { escapeHtml, harmless } from "#lib/notifications/templates/layout.ts";
import {
  noticeLinks,
  type NoticeData,
  type RefundCause,
  type RefundFacts,
} from "#lib/notifications/templates/notice-data.ts";
import { renderNotice } from "#lib/notifications/templates/render-notice.ts";

const GB = 1024n ** 3n;
const facts = {
  brand: "Axis",
  supportEmail: "help@axis.example",
  customerName: "Lin",
  orderNumber: "AX-2345-6789",
  planName: { "zh-CN": "中国大陆 5 GB · 30 天", en: "Mainland China 5 GB, 30 days" },
  total: money(5_900n, "CNY"),
  iccidLast4: "0016",
  links: noticeLinks("https://axis.example/", "AX-2345-6789", "8988247000000000016"),
};
const { planName: _plan, iccidLast4: _last4, ...topUp } = facts;
const transfer = {
  instructions: [
    { field: "iban", shown: "DE89 3704 0044 0532 0130 00", copied: "DE89370400440532013000" },
    { field: "amount", shown: "59.00", copied: "59.00" },
    { field: "reference", shown: "RF97 5001 2345 6789", copied: "RF97500123456789" },
  ],
  missing: money(5_900n, "CNY"),
  payBy: new Date("2026-11-29T15:00:00Z"),
} as const;
const data: NoticeData = {
  order_live: {
    ...facts,
    dataBytes: 5n * GB,
    usableFrom: new Date("2026-11-22T15:00:00Z"),
    validUntil: new Date("2026-12-22T15:59:00Z"),
  },
  order_refunded: {
    ...facts,
    cause: "not_in_time",
    refunds: [
      {
        amount: money(5_900n, "CNY"),
        destination: {
          kind: "original_method",
          method: "stripe",
          arrivesBy: new Date("2026-12-02T23:30:00Z"),
        },
      },
    ],
  },
  order_cancelled: {
    ...facts,
    refunds: [{ amount: money(5_900n, "CNY"), destination: { kind: "balance" } }],
  },
  refund_given: topUp,
  order_paid_scheduled: {
    ...facts,
    dataBytes: null,
    startsAt: new Date("2026-12-01T16:00:00Z"),
    endsAt: new Date("2026-12-31T16:00:00Z"),
  },
  balance_topped_up: topUp,
  topup_refunded: topUp,
  bank_transfer_instructions: { ...topUp, ...transfer, planName: facts.planName },
  bank_transfer_reminder: { ...topUp, ...transfer, planName: null },
  bank_transfer_short: {
    ...topUp,
    ...transfer,
    planName: facts.planName,
    received: money(5_000n, "CNY"),
  },
  bank_transfer_credited: { ...topUp, credited: money(990n, "EUR") },
  payment_expired: { ...topUp, planName: facts.planName, received: money(0n, "CNY") },
};
const templates = Object.keys(data) as (keyof NoticeData)[];

const CAUSES: readonly RefundCause[] = [
  "not_in_time",
  "network_refused",
  "esim_expired",
  "esim_unavailable",
  "plan_unavailable",
  "limit_reached",
  "paid_too_late",
  "payment_mismatch",
  "staff_decision",
];

describe.each(LOCALES)("every notice in %s", (locale) => {
  it.each(templates)("%s says the same as text and as a page", (template) => {
    const notice = renderNotice(template, locale, "Asia/Shanghai", data[template]);
    for (const part of [notice.text, notice.html]) {
      expect(part).toContain("AX-2345-6789");
      const { planName } = { planName: null, ...data[template] };
      if (planName !== null) expect(part).toContain(facts.planName[locale]);
      if ("iccidLast4" in data[template]) expect(part).toContain("0016");
      expect(part).toContain("https://axis.example/orders/AX-2345-6789");
      expect(part).toContain("https://axis.example/help");
      expect(part).toContain("help@axis.example");
    }
    expect(notice.subject).toContain("AX-2345-6789");
    expect(notice.html).toContain(`lang="${locale}"`);
    expect(notice.text).not.toMatch(/[{}<>]|undefined|Invalid/);
  });

  it.each(templates)("%s loads nothing and runs nothing", (template) => {
    const { html } = renderNotice(template, locale, "Asia/Shanghai", data[template]);
    expect(html).not.toMatch(
      /<(script|img|link|iframe|form|object|video)\b|url\(|@import|\son\w+=/i,
    );
    const targets = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map((match) => match[1]);
    expect(targets).toEqual(["https://axis.example/orders/AX-2345-6789"]);
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
  });

  it("gives every cause of a refund its own words", () => {
    const texts = CAUSES.map(
      (cause) =>
        renderNotice("order_refunded", locale, "UTC", { ...data.order_refunded, cause }).text,
    );
    expect(new Set(texts).size).toBe(CAUSES.length);
  });
});

describe("times", () => {
  it("are the customer's, with the zone named", () => {
    const shanghai = renderNotice("order_live", "zh-CN", "Asia/Shanghai", data.order_live).text;
    expect(shanghai).toContain("2026年12月22日 23:59（中国时间）");
    const london = renderNotice("order_live", "en", "Europe/London", data.order_live).text;
    expect(london).toContain("22 Dec 2026, 15:59 (London time)");
    const kiritimati = renderNotice("order_live", "en", "Pacific/Kiritimati", data.order_live).text;
    expect(kiritimati).toContain("23 Dec 2026, 05:59 (Kiritimati time)");
  });

  it("of a day alone are the customer's day", () => {
    const { order_refunded } = data;
    expect(renderNotice("order_refunded", "en", "Europe/London", order_refunded).text).toContain(
      "by 2 Dec 2026",
    );
    expect(renderNotice("order_refunded", "en", "Asia/Tokyo", order_refunded).text).toContain(
      "by 3 Dec 2026",
    );
  });
});

const toBalance: RefundFacts = {
  amount: money(5_900n, "CNY"),
  destination: { kind: "balance" },
};
const toOrigin = (method: "stripe" | "paypal"): RefundFacts => ({
  amount: money(5_900n, "CNY"),
  destination: {
    kind: "original_method",
    method,
    arrivesBy: new Date("2026-12-02T12:00:00Z"),
  },
});

describe("a refund", () => {
  it.each([
    ["stripe", "en", "sent ¥59.00 back to where you paid from. Your bank shows it by 2 Dec 2026"],
    ["paypal", "en", "sent ¥59.00 back to your PayPal account."],
    ["paypal", "zh-CN", "¥59.00 已退回您的 PayPal 账户"],
  ] as const)("of what was paid by %s says in %s where it goes", (method, locale, words) => {
    const { text, html } = renderNotice("order_refunded", locale, "UTC", {
      ...data.order_refunded,
      refunds: [toOrigin(method)],
    });
    expect(text).toContain(words);
    expect(/PayPal/.test(html)).toBe(method === "paypal");
  });

  it("to the balance is there at once and waits for no bank", () => {
    const { text } = renderNotice("order_refunded", "en", "UTC", {
      ...data.order_refunded,
      refunds: [toBalance],
    });
    expect(text).toContain("¥59.00 is back in your Axis balance and can be used at once.");
    expect(text).not.toContain("bank");
  });

  it.each(LOCALES)("of both parts names each with its sum, in %s", (locale) => {
    const split = {
      ...data.order_refunded,
      refunds: [{ ...toBalance, amount: money(300n, "EUR") }, toOrigin("stripe")],
    };
    const { text } = renderNotice("order_refunded", locale, "UTC", split);
    const [first, second] = {
      en: ["€3.00 is back in your Axis balance", "sent ¥59.00 back to where you paid from"],
      "zh-CN": ["€3.00 已退回您的 Axis 余额", "¥59.00 已按原支付方式退回"],
    }[locale];
    expect(text).toContain(first);
    expect(text).toContain(second);
  });

  it("that could not be sent is not said to be", () => {
    const nothing = { ...data.order_refunded, refunds: [] };
    expect(renderNotice("order_refunded", "en", "UTC", nothing).text).not.toMatch(/sent|¥/);
  });
});

describe("a new period", () => {
  it("needs no new installation, and the customer knows what to check", () => {
    const { text } = renderNotice("order_live", "en", "UTC", data.order_live);
    expect(text).toContain("There is nothing to install and nothing to scan");
    expect(text).toContain("https://axis.example/esims/8988247000000000016");
  });
});

describe("names", () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "<script>alert(1)</script>",
      '"><img src=x onerror=alert(1)>',
      "</title><style>*{display:none}</style>",
      "{plan}",
      "' onmouseover='x",
      "a\r\nBcc: eve@evil.example",
      "\u202eelbasrever",
      "&lt;b&gt;",
    ),
  );

  it("are text in a mail, whatever they are", () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (plan, customerName, brand) => {
        const { subject, html } = renderNotice("order_live", "en", "UTC", {
          ...data.order_live,
          planName: { en: plan, "zh-CN": plan },
          customerName,
          brand,
        });
        const plain = renderNotice("order_live", "en", "UTC", data.order_live).html;
        const tags = (page: string): number => page.split("<").length;
        expect(tags(html)).toBe(tags(plain));
        expect(html.split('"').length).toBe(plain.split('"').length);
        expect(subject).not.toMatch(/[\r\n\u202a-\u202e]/);
      }),
    );
  });

  it("are what the customer is called by, unless they would advertise", () => {
    const greeting = (customerName: string | null): string | undefined =>
      renderNotice("order_live", "en", "UTC", { ...data.order_live, customerName }).text.split(
        "\n",
      )[2];
    expect(greeting("Lin")).toBe("Hello Lin,");
    expect(greeting("林 徽因")).toBe("Hello 林 徽因,");
    for (const name of [
      null,
      "",
      "You won! https://evil.example",
      "www.evil.example",
      "x".repeat(61),
    ]) {
      expect(greeting(name)).toBe("Hello,");
    }
  });

  it("lose what turns or breaks a line, and keep everything else", () => {
    expect(harmless(" a\r\n\u0000b\u202ec ")).toBe("a bc");
    expect(harmless("林 徽因 O'Neil")).toBe("林 徽因 O'Neil");
    expect(escapeHtml(`<a href="x">'&`)).toBe("&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
  });
});

it("addresses of ours are built below the portal's address, whatever is in a number", () => {
  expect(noticeLinks("https://axis.example/portal/", "AX/../evil", "89")).toEqual({
    order: "https://axis.example/portal/orders/AX%2F..%2Fevil",
    esim: "https://axis.example/portal/esims/89",
    support: "https://axis.example/portal/help",
  });
});
