import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { STATEMENT_MAX_BYTES } from "#lib/config/limits.ts";
import type { StatementLine } from "#lib/domain/bank-statement.ts";
import { readStatement } from "#lib/payments/bank-transfer/statement.ts";
import { bytesOf, only, refused, sample, taken } from "./samples/read-sample.ts";

const OURS = { accountNumber: "1", currency: "EUR" };

describe("a file", () => {
  test("of an account that is not in the settings is refused", () => {
    const file = bytesOf("Date;Amount;Description\n2026-11-23;5.00;rent\n");
    const accounts = { EUR: { accountHolder: "Axis", accountNumber: "12345678" } };
    const read = (accountNumber: string, currency = "EUR") =>
      readStatement(file, { accountNumber, currency }, accounts);
    expect(read("12345678").ok).toBe(true);
    expect(refused(read("12345687"))).toEqual({
      code: "account_unknown",
      found: "12345687",
      currency: "EUR",
    });
    expect(refused(read("12345678", "USD"))).toMatchObject({ code: "account_unknown" });
  });

  test("of 50 MB is refused unread", () => {
    const file = new Uint8Array(50 * 1024 * 1024).fill(0x20);
    const started = performance.now();
    expect(refused(readStatement(file))).toEqual({
      code: "file_too_large",
      limitBytes: STATEMENT_MAX_BYTES,
    });
    expect(performance.now() - started).toBeLessThan(100);
  });

  test.each([
    ["nothing", ""],
    ["blanks", " \n\t\r\n"],
    ["only a mark", "\uFEFF"],
  ])("of %s is empty", (_what, text) => {
    expect(refused(readStatement(bytesOf(text)))).toEqual({ code: "file_empty" });
  });

  test.each([
    ["a PDF", "%PDF-1.7 …"],
    ["a workbook", "PK\u0003\u0004…"],
    ["an old workbook", Buffer.from("d0cf11e0a1b11ae1", "hex").toString("latin1")],
    ["a program", "\u007FELF\u0000\u0000"],
  ])("that is %s is told as one of no known format", (_what, text) => {
    expect(refused(readStatement(Buffer.from(text, "latin1")))).toEqual({ code: "format_unknown" });
  });

  test.each([
    ["a page", "<html><body>Please sign in</body></html>", "not_a_statement"],
    [
      "an MT940",
      ":20:STARTUMSE\n:25:10020030/1234567\n:60F:C261121EUR1000,00\n",
      "header_not_found",
    ],
  ])("that is %s is refused", (_what, text, code) => {
    expect(refused(readStatement(bytesOf(text))).code).toBe(code);
  });

  test("of any bytes is taken or refused, never a crash", () => {
    const starts = fc.constantFrom("", "<", "Date;Amount\n", "<Document>", "\uFEFF", "日期,金额\n");
    fc.assert(
      fc.property(starts, fc.uint8Array({ maxLength: 400 }), (start, bytes) => {
        const file = Buffer.concat([Buffer.from(start), bytes]);
        expect(typeof readStatement(file, OURS).ok).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });

  test("as large as is taken is read in seconds, and a hostile one refused as soon", () => {
    const fill = (row: string): string =>
      row.repeat(Math.floor(STATEMENT_MAX_BYTES / row.length) - 9);
    const row = '2026-11-22;5.00;"text of a transfer, RF18 5390 0754 7034"\n';
    const started = performance.now();
    const statement = only(readStatement(bytesOf(`Date;Amount;Text\n${fill(row)}`), OURS));
    expect(statement.lines.length).toBeGreaterThan(80_000);
    for (const hostile of ['"', ";", "\r;", "<", "<!--", "a\t,;", "1", "<a b='", "<b/>"]) {
      expect(readStatement(bytesOf(fill(hostile)), OURS).ok).toBe(false);
    }
    expect(performance.now() - started).toBeLessThan(60_000);
  }, 90_000);
});

describe("the identity of a movement", () => {
  const idsOf = (lines: readonly StatementLine[]) => lines.map(({ lineId }) => lineId);
  const table = (...rows: string[]) =>
    idsOf(
      only(readStatement(bytesOf(`Date;Amount;Description\n${rows.join("\n")}\n`), OURS)).lines,
    );
  const [monday, tuesday] = ["2026-11-23;5.00;rent", "2026-11-24;5.00;rent"];

  test("is the same whenever the same file is read", () => {
    for (const name of ["camt053-02-german.xml", "camt053-12-several.xml", "ccb.csv"]) {
      const read = () => taken(readStatement(sample(name))).flatMap(({ lines }) => idsOf(lines));
      expect(read()).toEqual(read());
      expect(new Set(read()).size).toBe(read().length);
    }
  });

  test("is the same in the next file that tells of it again", () => {
    const first = table("2026-11-22;1.00;a", monday);
    const next = table(monday, tuesday);
    expect(next[0]).toBe(first[1]);
    expect(first).not.toContain(next[1]);
  });

  test("is another one for each of several that are alike", () => {
    const [one, two, three] = table(monday, monday, monday);
    expect(new Set([one, two, three]).size).toBe(3);
    expect(table(monday, monday)).toEqual([one, two]);
  });

  test.each([
    ["day", "2026-11-24;5.00;rent"],
    ["amount", "2026-11-23;5.01;rent"],
    ["text", "2026-11-23;5.00;Rent"],
  ])("is another one when the %s is another one", (_what, other) => {
    expect(table(other)).not.toEqual(table(monday));
  });

  test("is another one in another account or currency", () => {
    const file = bytesOf(`Date;Amount;Description\n${monday}\n`);
    const ids = [OURS, { ...OURS, accountNumber: "2" }, { ...OURS, currency: "USD" }].map(
      (hints) => idsOf(only(readStatement(file, hints)).lines)[0],
    );
    expect(new Set(ids).size).toBe(3);
  });

  test("goes by the bank's own reference, whatever is told besides and in whichever format", () => {
    const csv = (rest: string) =>
      idsOf(
        only(
          readStatement(
            bytesOf(`Date;Amount;Transaction ID;Description\n2026-11-22;12.50;B7;${rest}\n`),
            OURS,
          ),
        ).lines,
      )[0];
    const camt = `<Document><BkToCstmrStmt><Stmt><Id>1</Id><Acct><Id><Othr><Id>1</Id></Othr></Id><Ccy>EUR</Ccy></Acct><Ntry><Amt Ccy="EUR">12.5</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-22</Dt></BookgDt><AcctSvcrRef>B7</AcctSvcrRef></Ntry></Stmt></BkToCstmrStmt></Document>`;
    expect(csv("text")).toBe(csv("other text"));
    expect(idsOf(only(readStatement(bytesOf(camt))).lines)[0]).toBe(csv("text"));
  });

  test("does not go by the numbers of entries, which the next statement counts anew", () => {
    const entry = (number: number, text: string) =>
      `<Ntry><NtryRef>${number}</NtryRef><Amt Ccy="EUR">12.5</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-22</Dt></BookgDt><AddtlNtryInf>${text}</AddtlNtryInf></Ntry>`;
    const camt = (id: number, ...entries: string[]) =>
      idsOf(
        only(
          readStatement(
            bytesOf(
              `<Document><BkToCstmrStmt><Stmt><Id>${id}</Id><Acct><Id><Othr><Id>1</Id></Othr></Id><Ccy>EUR</Ccy></Acct>${entries.join("")}</Stmt></BkToCstmrStmt></Document>`,
            ),
          ),
        ).lines,
      );
    const first = camt(1, entry(1, "rent"), entry(2, "eSIM"));
    const next = camt(2, entry(1, "eSIM"), entry(2, "shoes"));
    expect(next[0]).toBe(first[1]);
    expect(next[1]).not.toBe(first[1]);
  });

  test("does not go by a reference that counts from one each day, nor by one that says there is none", () => {
    const at = (day: string, reference: string) =>
      idsOf(
        only(
          readStatement(
            bytesOf(
              `Date;Amount;Transaction ID;Description\n${day};5.00;${reference};x${reference}\n`,
            ),
            OURS,
          ),
        ).lines,
      )[0];
    expect(at("2026-11-22", "1")).not.toBe(at("2026-11-23", "1"));
    expect(at("2026-11-22", "NONREF")).not.toBe(at("2026-11-22", "NOTPROVIDED"));
  });
});
