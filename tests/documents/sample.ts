import type { DocumentContent, DocumentView } from "#lib/domain/document.ts";
import { numberDocument } from "#lib/domain/document.ts";
import { money } from "#lib/domain/money.ts";

/** A receipt for one plan at 68.00 CNY, 6 % tax within. */
export function sampleContent(change: Partial<DocumentContent> = {}): DocumentContent {
  return {
    kind: "receipt",
    orderNumber: "AX-7Q2F-91KM",
    orderedAt: new Date("2026-03-12T05:59:00Z"),
    corrects: null,
    seller: {
      name: "Axis Mobile Ltd",
      addressLines: ["1 Signal Road", "London EC1A 1AA"],
      taxNumber: "GB123456789",
      email: "help@axis.example",
    },
    buyer: {
      name: "王晓明",
      company: null,
      addressLines: ["朝阳区建国路 88 号", "100022 北京市"],
      countryCode: "CN",
      taxNumber: null,
      email: "wang@customers.example",
    },
    lines: [
      {
        subject: {
          kind: "plan",
          name: { "zh-CN": "亚洲 10 GB，30 天", en: "Asia 10 GB, 30 days" },
          esimLabel: "出行",
          iccid: "89860012345678901234",
        },
        quantity: 1,
        net: money(6415n, "CNY"),
        taxBasisPoints: 600,
        tax: money(385n, "CNY"),
        gross: money(6800n, "CNY"),
      },
    ],
    payments: [
      { method: "balance", amount: money(1800n, "CNY"), at: new Date("2026-03-12T06:02:11Z") },
      { method: "stripe", amount: money(5000n, "CNY"), at: new Date("2026-03-12T06:02:11Z") },
    ],
    taxNote: null,
    ...change,
  };
}

/** The same, issued. */
export function sampleDocument(change: Partial<DocumentContent> = {}): DocumentView {
  return numberDocument(sampleContent(change), {
    number: "R-2026-000123",
    issuedAt: new Date("2026-03-12T06:02:14Z"),
    timeZone: "Asia/Shanghai",
  });
}
