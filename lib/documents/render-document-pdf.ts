import PDFDocument from "pdfkit";
import { paperOf, type DocumentView, type Paper } from "#lib/domain/document.ts";
import type { Locale } from "#lib/domain/locale.ts";
import { documentSheet, type SheetFact, type SheetParty } from "#lib/i18n/document.ts";
import { documentFont } from "./fonts.ts";

/** Points (1/72 inch). */
const MARGIN = 56;
const GAP = 22;
const TEXT = 9.5;
const SMALL = 8;
const SOFT = "#586268";
const INK = "#14181a";
const LINE = "#d9d6ce";
/** Shares of the width: description, quantity, net, rate, tax, gross. */
const COLUMNS = [0.4, 0.08, 0.14, 0.1, 0.13, 0.15] as const;

type Align = "left" | "right";

/** The library takes fonts that are read already, which its types leave out. */
const fontSource = (weight: "regular" | "bold"): PDFKit.Mixins.PDFFontSource =>
  documentFont(weight) as unknown as PDFKit.Mixins.PDFFontSource;

/**
 * An issued document as a PDF of its own: tagged, with language and title, its fonts embedded as far as it
 * uses them, and text that can be searched and copied. Characters the fonts lack show as a box. The same
 * document gives the same bytes.
 *
 * @param paper what it is printed on; by custom of the buyer's country when left out
 */
export async function renderDocumentPdf(
  document: DocumentView,
  locale: Locale,
  paper: Paper = paperOf(document.buyer.countryCode),
): Promise<Buffer> {
  const sheet = documentSheet(document, locale);
  const pdf = new PDFDocument({
    size: paper === "A4" ? "A4" : "LETTER",
    margin: MARGIN,
    lang: locale,
    tagged: true,
    displayTitle: true,
    pdfVersion: "1.7",
    bufferPages: true,
    // None of the fonts that are not embedded.
    font: "",
    info: {
      Title: plain(sheet.title),
      Author: plain(document.seller.name),
      CreationDate: document.issuedAt,
      ModDate: document.issuedAt,
    },
  });
  const chunks: Buffer[] = [];
  const written = new Promise<Buffer>((resolve, reject) => {
    pdf.on("data", (chunk: Buffer) => chunks.push(chunk));
    pdf.on("end", () => resolve(Buffer.concat(chunks)));
    pdf.on("error", reject);
  });
  const page = new Page(pdf);

  page.text("H1", sheet.kind, { size: 22, bold: true });
  page.moveDown(GAP);
  page.columns(
    () => page.party(sheet.seller),
    () => page.party(sheet.buyer),
  );
  page.moveDown(GAP);
  page.facts(sheet.facts);
  page.moveDown(GAP);
  page.table(sheet.columns, sheet.rows);
  page.moveDown(GAP / 2);
  page.totals(sheet.totals);
  page.moveDown(GAP);
  page.text("H2", sheet.payments.heading, { bold: true });
  page.moveDown(4);
  page.facts(sheet.payments.facts);
  for (const note of sheet.notes) {
    page.moveDown(GAP / 2);
    page.text("P", note, { colour: SOFT });
  }
  page.foot(sheet.title);
  pdf.end();
  return await written;
}

interface Style {
  readonly size?: number;
  readonly bold?: boolean;
  readonly colour?: string;
  readonly align?: Align;
  readonly x?: number;
  readonly width?: number;
}

/** A page with a place to write at, `y`, that moves down and on to the next page. */
class Page {
  readonly #pdf: PDFKit.PDFDocument;
  readonly #root: PDFKit.PDFStructureElement;
  #left = MARGIN;
  #width: number;
  #y = MARGIN;

  constructor(pdf: PDFKit.PDFDocument) {
    this.#pdf = pdf;
    this.#width = pdf.page.width - 2 * MARGIN;
    this.#root = pdf.struct("Document");
    pdf.addStructure(this.#root);
  }

  moveDown(points: number): void {
    this.#y += points;
  }

  /** A text under the one before. */
  text(tag: string, text: string, style: Style = {}): void {
    const height = this.#heightOf(text, style);
    this.#makeRoom(height);
    this.#root.add(this.#pdf.struct(tag, {}, () => this.#write(text, this.#y, style)));
    this.#y += height;
  }

  /** Name in bold, then a line each. */
  party({ heading, lines }: SheetParty): void {
    this.text("H2", heading, { size: SMALL, colour: SOFT });
    this.moveDown(2);
    for (const [index, line] of lines.entries()) this.text("P", line, { bold: index === 0 });
  }

  /** Two blocks beside each other; what comes next is under the longer one. */
  columns(first: () => void, second: () => void): void {
    const [left, width, top] = [this.#left, this.#width, this.#y];
    const { page } = this.#pdf;
    this.#width = width / 2 - GAP / 2;
    first();
    const end = this.#y;
    // Beside it only as long as it is the same page.
    if (this.#pdf.page === page) {
      this.#left = left + width / 2 + GAP / 2;
      this.#y = top;
    }
    second();
    [this.#left, this.#width] = [left, width];
    if (this.#pdf.page === page) this.#y = Math.max(this.#y, end);
  }

  /** Term and value beside each other. */
  facts(facts: readonly SheetFact[]): void {
    // Where the second party begins.
    const split = this.#width / 2 + GAP / 2;
    for (const [label, value] of facts) {
      const term = { colour: SOFT, width: split - 8 };
      const said = { x: this.#left + split, width: this.#width - split };
      const height = Math.max(this.#heightOf(label, term), this.#heightOf(value, said));
      this.#makeRoom(height);
      const line = this.#pdf.struct("P", {}, [
        () => this.#write(`${label} `, this.#y, term),
        () => this.#write(value, this.#y, said),
      ]);
      this.#root.add(line);
      this.#y += height + 2;
    }
  }

  table(
    heads: readonly string[],
    rows: readonly {
      readonly description: string;
      readonly detail: string | null;
      readonly cells: readonly string[];
    }[],
  ): void {
    const table = this.#pdf.struct("Table");
    this.#root.add(table);
    this.#row(
      table,
      "TH",
      heads.map((head) => [{ text: head, style: { size: SMALL, colour: SOFT } }]),
    );
    for (const row of rows) {
      this.#rule();
      this.#row(table, "TD", [
        [
          { text: row.description, style: {} },
          ...(row.detail === null
            ? []
            : [{ text: row.detail, style: { size: SMALL, colour: SOFT } }]),
        ],
        ...row.cells.map((cell) => [{ text: cell, style: {} }]),
      ]);
    }
    this.#rule();
    table.end();
  }

  /** Sums at the right; the last one is what counts. */
  totals(facts: readonly SheetFact[]): void {
    const split = this.#width * 0.45;
    for (const [index, [label, value]] of facts.entries()) {
      const style = index === facts.length - 1 ? { bold: true, size: TEXT + 2 } : {};
      const term = { ...style, x: this.#left + split, width: this.#width * 0.3 };
      const sum = {
        ...style,
        x: this.#left + this.#width * 0.75,
        width: this.#width * 0.25,
        align: "right" as const,
      };
      const height = Math.max(this.#heightOf(label, term), this.#heightOf(value, sum));
      this.#makeRoom(height);
      this.#root.add(
        this.#pdf.struct("P", {}, [
          () => this.#write(`${label} `, this.#y, term),
          () => this.#write(value, this.#y, sum),
        ]),
      );
      this.#y += height + 4;
    }
  }

  /** Title and place on each page; not part of what is read out. */
  foot(title: string): void {
    this.#root.end();
    const { start, count } = this.#pdf.bufferedPageRange();
    for (let index = 0; index < count; index += 1) {
      this.#pdf.switchToPage(start + index);
      // Below the margin, where text would otherwise begin a new page.
      this.#pdf.page.margins.bottom = 0;
      const text = count === 1 ? title : `${title} · ${index + 1}/${count}`;
      this.#pdf.markContent("Artifact", { type: "Pagination" });
      this.#write(text, this.#pdf.page.height - MARGIN + 12, { size: SMALL, colour: SOFT });
      this.#pdf.endMarkedContent();
    }
  }

  #row(
    table: PDFKit.PDFStructureElement,
    tag: "TH" | "TD",
    cells: readonly (readonly { readonly text: string; readonly style: Style }[])[],
  ): void {
    let x = this.#left;
    const placed = cells.map((texts, index) => {
      const width = this.#width * (COLUMNS[index] ?? 0);
      const align: Align = index === 0 ? "left" : "right";
      const styled = texts.map(({ text, style }) => ({
        text,
        style: { ...style, x, width: width - (index === 0 ? 8 : 0), align },
      }));
      x += width;
      return styled;
    });
    const heightOfCell = (texts: (typeof placed)[number]): number =>
      texts.reduce((sum, { text, style }) => sum + this.#heightOf(text, style), 0);
    const height = Math.max(...placed.map(heightOfCell));
    this.#makeRoom(height + 12);
    const row = this.#pdf.struct("TR");
    table.add(row);
    for (const texts of placed) {
      let y = this.#y + 6;
      row.add(
        this.#pdf.struct(
          tag,
          {},
          texts.map(({ text, style }) => () => {
            this.#write(text, y, style);
            y += this.#heightOf(text, style);
          }),
        ),
      );
    }
    row.end();
    this.#y += height + 12;
  }

  #rule(): void {
    this.#pdf.markContent("Artifact", { type: "Layout" });
    this.#pdf
      .moveTo(this.#left, this.#y)
      .lineTo(this.#left + this.#width, this.#y)
      .lineWidth(0.5)
      .strokeColor(LINE)
      .stroke();
    this.#pdf.endMarkedContent();
  }

  #makeRoom(height: number): void {
    if (this.#y + height <= this.#pdf.page.height - MARGIN) return;
    this.#pdf.addPage();
    this.#y = MARGIN;
  }

  #heightOf(text: string, style: Style): number {
    return this.#set(style).heightOfString(plain(text), this.#options(style));
  }

  #write(text: string, y: number, style: Style): void {
    this.#set(style).text(plain(text), style.x ?? this.#left, y, this.#options(style));
  }

  #set(style: Style): PDFKit.PDFDocument {
    return this.#pdf
      .font(fontSource(style.bold === true ? "bold" : "regular"))
      .fontSize(style.size ?? TEXT)
      .fillColor(style.colour ?? INK);
  }

  #options(style: Style): PDFKit.Mixins.TextOptions {
    return { width: style.width ?? this.#width, align: style.align ?? "left", lineGap: 1 };
  }
}

/** Text that any font can set: whole characters, none that steer (controls, bidirectional marks). */
function plain(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/\p{Cf}/gu, "");
}
