import fc from "fast-check";
import { extractText, getDocumentProxy, getMeta } from "unpdf";
import { describe, expect, test, vi } from "vitest";
import { renderDocumentPdf } from "#lib/documents/render-document-pdf.ts";
import type { DocumentView } from "#lib/domain/document.ts";
import { LOCALES } from "#lib/domain/locale.ts";
import { money } from "#lib/domain/money.ts";
import { sampleDocument } from "./sample.ts";

// The fonts are large: reading them takes a while where others are at work too.
vi.setConfig({ testTimeout: 60_000 });

/** What somebody gets who copies everything out of the file, in one line. */
async function textOf(pdf: Buffer): Promise<string> {
  const { text } = await extractText(new Uint8Array(pdf), { mergePages: true });
  return text.replace(/\s+/g, " ");
}

describe.each(LOCALES)("a PDF in %s", (locale) => {
  test("can be searched and copied, Chinese names and amounts included", async () => {
    const text = await textOf(await renderDocumentPdf(sampleDocument(), locale));
    for (const part of [
      locale === "en" ? "Receipt" : "收据",
      locale === "en" ? "Asia 10 GB, 30 days" : "亚洲 10 GB，30 天",
      locale === "en" ? "Tax number: GB123456789" : "税号：GB123456789",
      "R-2026-000123",
      "AX-7Q2F-91KM",
      "王晓明",
      "朝阳区建国路 88 号",
      "8986 0012 3456 7890 1234",
      "64.15",
      "3.85",
      "CNY 68.00",
      "CNY 18.00",
      "CNY 50.00",
      "6%",
      locale === "en" ? "12 Mar 2026" : "2026年3月12日",
    ]) {
      expect(text).toContain(part);
    }
  });

  test("has language, title and structure, and stays small", async () => {
    const file = await renderDocumentPdf(sampleDocument(), locale);
    expect(file.length).toBeLessThan(200_000);
    const { info } = await getMeta(new Uint8Array(file));
    expect(info).toMatchObject({
      Language: locale,
      Title: locale === "en" ? "Receipt R-2026-000123" : "收据 R-2026-000123",
    });
    const pdf = await getDocumentProxy(new Uint8Array(file));
    expect(await pdf.getMarkInfo()).toMatchObject({ Marked: true });
    const page = await pdf.getPage(1);
    const tree = JSON.stringify(await page.getStructTree());
    for (const role of ["H1", "H2", "Table", "TR", "TH", "TD"]) {
      expect(tree).toContain(`"role":"${role}"`);
    }
  });
});

test("the paper is that of the buyer's country, or the one that is asked for", async () => {
  const american = sampleDocument({ buyer: { ...sampleDocument().buyer, countryCode: "US" } });
  const sizeOf = async (file: Buffer): Promise<number[]> => {
    const pdf = await getDocumentProxy(new Uint8Array(file));
    return (await pdf.getPage(1)).view.map(Math.round);
  };
  const letter = [0, 0, 612, 792];
  const a4 = [0, 0, 595, 842];
  expect(await sizeOf(await renderDocumentPdf(american, "en"))).toEqual(letter);
  expect(await sizeOf(await renderDocumentPdf(american, "en", "A4"))).toEqual(a4);
  expect(await sizeOf(await renderDocumentPdf(sampleDocument(), "en"))).toEqual(a4);
});

test("the same document is the same file", async () => {
  const first = await renderDocumentPdf(sampleDocument(), "zh-CN");
  expect((await renderDocumentPdf(sampleDocument(), "zh-CN")).equals(first)).toBe(true);
});

test("a credit note says what it corrects and where the money went", async () => {
  const note = sampleDocument({ kind: "credit_note", corrects: "R-2026-000122" });
  const text = await textOf(await renderDocumentPdf(note, "en"));
  expect(text).toContain("Corrects R-2026-000122");
  expect(text).toContain("Refund: Asia 10 GB, 30 days");
  expect(text).toContain("Total credited CNY 68.00");
  expect(text).toContain("Refunded to");
});

test("many lines go on to further pages, and none is lost", async () => {
  const [line] = sampleDocument().lines;
  if (line === undefined) throw new Error("The sample has a line");
  const many = sampleDocument({
    lines: Array.from({ length: 60 }, (_, index) => ({
      ...line,
      subject: {
        kind: "plan" as const,
        name: { en: `Plan no. ${index}.`, "zh-CN": `套餐 ${index}` },
        esimLabel: "Travel",
        iccid: "89860012345678901234",
      },
    })),
    payments: [
      { method: "stripe", amount: money(6800n * 60n, "CNY"), at: new Date("2026-03-12T06:02:11Z") },
    ],
  });
  const file = await renderDocumentPdf(many, "en");
  const text = await textOf(file);
  for (let index = 0; index < 60; index++) expect(text).toContain(`Plan no. ${index}.`);
  const { numPages } = await getDocumentProxy(new Uint8Array(file));
  expect(numPages).toBeGreaterThan(2);
  expect(text).toContain(`${numPages}/${numPages}`);
});

test("whatever somebody is called, there is a readable file", async () => {
  const named = (name: string): DocumentView =>
    sampleDocument({ buyer: { ...sampleDocument().buyer, name, addressLines: [name, name] } });
  const odd = [
    "𠮷野家",
    "龘龘",
    "😀👨‍👩‍👧",
    "มานี",
    "محمد",
    "한국어",
    "\u202eevil",
    "\ud800",
    "\0\n\t",
    "",
    " ",
  ];
  for (const name of odd) {
    const text = await textOf(await renderDocumentPdf(named(name), "en"));
    expect(text).toContain("AX-7Q2F-91KM");
  }
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", maxLength: 300 }), async (name) => {
      const file = await renderDocumentPdf(named(name), "zh-CN");
      expect(file.subarray(0, 5).toString("latin1")).toBe("%PDF-");
      expect(file.length).toBeLessThan(400_000);
    }),
    { numRuns: 25 },
  );
});
