import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvLine } from "#lib/web/csv.ts";

describe("a text that a spreadsheet would run", () => {
  test.each([
    "=1+1",
    "+1-1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    '=HYPERLINK("https://evil.example","click")',
    "-2+3+cmd|' /C calc'!A0",
  ])("is marked as text: %j", (text) => {
    expect(parse(csvLine([text, "next"]))).toEqual([[`'${text}`, "next"]]);
  });

  test.each(["-68.00", "0", "1234.5", "王晓明", "a=b", "R-2026-000123", "2026-03-12 14:02:11"])(
    "is not one that cannot run: %j",
    (text) => {
      expect(csvLine([text])).toBe(`${text}\r\n`);
    },
  );
});

test("whatever is in the cells, they come back as they were, and none begins a formula", () => {
  const texts = fc.array(
    fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(texts, (cells) => {
      const [row = []] = parse(csvLine(["first", ...cells, "last"]));
      expect(row).toHaveLength(cells.length + 2);
      for (const [index, text] of cells.entries()) {
        const cell = row[index + 1] ?? "";
        expect([text, `'${text}`]).toContain(cell);
        if (!/^-?\d+(\.\d+)?$/.test(cell)) expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]/);
      }
    }),
  );
});
