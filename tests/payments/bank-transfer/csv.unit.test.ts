import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findBankReferences } from "#lib/domain/bank-reference.ts";
import type { Statement } from "#lib/domain/bank-statement.ts";
import { currencyExponent, money, toDecimal } from "#lib/domain/money.ts";
import { readStatement } from "#lib/payments/bank-transfer/statement.ts";
import type { StatementHints } from "#lib/payments/bank-transfer/statement.ts";
import { bytesOf, only, refused, sample, taken } from "./samples/read-sample.ts";

const OURS = { accountNumber: "DE89 3704 0044 0532 0130 00", currency: "EUR" };

const read = (text: string, hints: StatementHints = OURS): Statement =>
  only(readStatement(bytesOf(text), hints));
const problem = (text: string, hints: StatementHints = OURS) =>
  refused(readStatement(bytesOf(text), hints));
const amounts = (statement: Statement): bigint[] =>
  statement.lines.map(({ amountMinor }) => amountMinor);

describe("tables of several banks", () => {
  test("Sparkasse: Windows-1252, semicolons, two-digit years, an announced entry", () => {
    const { accountNumber, currency, lines, notes } = only(readStatement(sample("sparkasse.csv")));
    expect([accountNumber, currency]).toEqual(["DE89370400440532013000", "EUR"]);
    expect(lines).toMatchObject([
      {
        bookedOn: "2026-11-22",
        valueOn: "2026-11-22",
        amountMinor: 101_250n,
        counterpartyName: "Jörg Müller",
        counterpartyAccount: "DE02120300000000202051",
        remittanceText: "Verlängerung RF18 5390 0754 7034",
        bankReference: null,
      },
      {
        bookedOn: "2026-11-21",
        amountMinor: -490n,
        counterpartyName: null,
        counterpartyAccount: null,
      },
    ]);
    expect(notes).toEqual([{ code: "not_booked", count: 1 }, { code: "totals_not_checked" }]);
  });

  test("DKB: lines above the table, payer and payee, thousands told by another cell", () => {
    const { accountNumber, currency, lines } = only(readStatement(sample("dkb.csv")));
    expect([accountNumber, currency]).toEqual(["DE89370400440532013000", "EUR"]);
    expect(lines).toMatchObject([
      { amountMinor: 1_250n, counterpartyName: "Jörg Müller" },
      { amountMinor: -110_000n, counterpartyName: "Stadtwerke", remittanceText: "Strom\nR-1" },
    ]);
  });

  test("Deutsche Bank: columns for debit and credit beside another amount, a foot", () => {
    const statement = only(readStatement(sample("deutsche-bank.csv")));
    expect(statement.accountNumber).toBe("DE89370400440532013000");
    expect(amounts(statement)).toEqual([1_000n, -490n]);
  });

  test("Starling: currency in the header, running balance, text over two lines, formulas stay text", () => {
    const hints = { accountNumber: "60-83-71 12345678" };
    const statement = only(readStatement(sample("starling.csv"), hints));
    expect(statement).toMatchObject({
      accountNumber: "60837112345678",
      currency: "GBP",
      openingMinor: 0n,
      closingMinor: 10_000n,
      notes: [],
    });
    expect(amounts(statement)).toEqual([10_000n, 1_250n, 100n, -1_350n]);
    expect(statement.lines[2]).toMatchObject({
      bookedOn: "2026-11-22",
      counterpartyName: '=HYPERLINK("http://evil.example","x")',
      remittanceText: "+SUM(A1:A9)",
    });
  });

  test("HSBC: account above, paid out and paid in, months by name, a balance per day", () => {
    const statement = only(readStatement(sample("hsbc-uk.csv"), { currency: "GBP" }));
    expect(statement).toMatchObject({
      accountNumber: "40123487654321",
      openingMinor: 200_000n,
      closingMinor: 102_049n,
    });
    expect(statement.lines.map(({ bookedOn }) => bookedOn)).toEqual([
      "2026-11-20",
      "2026-11-20",
      "2026-11-22",
    ]);
    expect(amounts(statement)).toEqual([2_400n, -101_350n, 999n]);
  });

  test("Revolut: a statement for each currency, days of completion, an open one left out", () => {
    const statements = taken(readStatement(sample("revolut.csv"), { accountNumber: "GB1" }));
    expect(statements.map((each) => [each.currency, amounts(each)])).toEqual([
      ["EUR", [1_250n]],
      ["JPY", [1_280n]],
    ]);
    expect(statements[0]?.lines[0]?.bookedOn).toBe("2026-11-22");
    expect(statements[0]?.notes).toEqual([{ code: "not_booked", count: 1 }]);
  });

  test("中国建设银行: GB18030, spreadsheet text, wide reference, a query that moved nothing", () => {
    const statement = only(readStatement(sample("ccb.csv")));
    expect(statement).toMatchObject({
      accountNumber: "44050158000000001234",
      currency: "CNY",
      openingMinor: 1_000_000n,
      closingMinor: 906_800n,
      notes: [{ code: "without_amount", count: 1 }],
    });
    const [first] = statement.lines;
    expect(first).toMatchObject({
      bookedOn: "2026-11-22",
      amountMinor: 6_800n,
      counterpartyName: "林小雨",
      counterpartyAccount: "6217003810012345678",
      bankReference: "1021-1059",
    });
    expect(findBankReferences(first?.remittanceText ?? "")).toEqual(["RF18539007547034"]);
  });

  test("招商银行: tabs, GB18030, account and currency above, newest first", () => {
    expect(only(readStatement(sample("cmb.csv")))).toMatchObject({
      accountNumber: "755912345610901",
      currency: "CNY",
      openingMinor: 101_000n,
      closingMinor: 106_800n,
      lines: [
        { amountMinor: 6_800n, counterpartyName: "林小雨", bankReference: "G0012345" },
        { amountMinor: -1_000n, remittanceText: "手续费" },
      ],
    });
  });

  test("中国银行: two languages in a header, payer and payee, signs", () => {
    expect(only(readStatement(sample("boc.csv")))).toMatchObject({
      accountNumber: "455912345678",
      currency: "CNY",
      closingMinor: 200_000n,
      lines: [
        { amountMinor: 106_800n, counterpartyName: "林小雨", bankReference: "8812345678" },
        {
          amountMinor: -6_800n,
          counterpartyName: "房东",
          counterpartyAccount: "6217009999999999999",
        },
      ],
    });
  });
});

describe("amounts in a table", () => {
  test("come out exactly as they went in, in every currency and way of writing", () => {
    const cases = fc.record({
      currency: fc.constantFrom("EUR", "CNY", "JPY", "KWD"),
      sizes: fc.array(fc.bigInt({ min: 1n, max: 10n ** 14n }), { minLength: 1, maxLength: 8 }),
      style: fc.constantFrom(
        { mark: ".", group: "," },
        { mark: ",", group: "." },
        { mark: ".", group: "'" },
        { mark: ",", group: " " },
        { mark: ".", group: "" },
        { mark: ",", group: "" },
      ),
      sign: fc.constantFrom("-", "", "trailing"),
    });
    fc.assert(
      fc.property(cases, ({ currency, sizes, style, sign }) => {
        const written = sizes.map((size) => {
          const [whole = "", fraction] = toDecimal(money(size, currency)).split(".");
          const grouped = whole.replace(/\B(?=(\d{3})+$)/g, style.group);
          const text = fraction === undefined ? grouped : grouped + style.mark + fraction;
          return sign === "trailing" ? `${text}-` : `${sign}${text}`;
        });
        const rows = written.map((text) => `2026-11-22\t"${text}"`);
        const mark = style.mark === "." ? "." : ",";
        const hints = { ...OURS, currency, decimalMark: mark } as const;
        const statement = read(["Date\tAmount", ...rows].join("\n"), hints);
        expect(amounts(statement)).toEqual(sizes.map((size) => (sign === "" ? size : -size)));
        // Without being told the mark the same comes out, or nothing.
        const blind = readStatement(bytesOf(["Date\tAmount", ...rows].join("\n")), {
          ...OURS,
          currency,
        });
        if (blind.ok) expect(amounts(only(blind))).toEqual(amounts(statement));
        else expect(blind.problem.code).toBe("amount_ambiguous");
        if (currencyExponent(currency) === 2) expect(blind.ok).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ["1.234,56", 123_456n],
    ["1,234.56", 123_456n],
    ["1 234,56", 123_456n],
    ["1\u00A0234,56 €", 123_456n],
    ["1'234.56", 123_456n],
    ["1’234.56", 123_456n],
    ["１,２３４.５６", 123_456n],
    ["12,5", 1_250n],
    ["-12,50", -1_250n],
    ["−12,50", -1_250n],
    ["12.50-", -1_250n],
    ["(12.50)", -1_250n],
    ["+12.50", 1_250n],
    ["€12.50", 1_250n],
    ["EUR 12.50", 1_250n],
    ["12.50 EUR", 1_250n],
    ["12.50 DR", -1_250n],
    ["12.50 Cr", 1_250n],
    ["500", 50_000n],
    ['="12.50"', 1_250n],
    ["12.50\t", 1_250n],
  ])("%s is understood", (text, amountMinor) => {
    const cell = `"${text.replaceAll('"', '""')}"`;
    expect(amounts(read(`Date;Amount\n2026-11-22;${cell}\n`))).toEqual([amountMinor]);
  });

  test.each([
    ["1.234", "may be a thousand or one and a bit"],
    ["1,234", "may be a thousand or one and a bit"],
    ["68.000", "may have too many decimals"],
  ])("%s alone %s: refused with line and column, and taken when the mark is told", (text) => {
    const table = `Date;Amount\n2026-11-22;500\n2026-11-22;${text}\n`;
    expect(problem(table)).toEqual({
      code: "amount_ambiguous",
      place: { kind: "cell", line: 3, column: "Amount" },
      text,
    });
    const group = text.includes(",") ? "." : ",";
    expect(amounts(read(table, { ...OURS, decimalMark: group }))[1]).toBe(
      BigInt(text.replace(/\D/g, "")) * 100n,
    );
  });

  test("1.234 is a thousand where another cell tells the comma, and 1,280 yen can only be that", () => {
    expect(amounts(read("Date;Amount\n2026-11-22;1.234\n2026-11-22;0,50\n"))).toEqual([
      123_400n,
      50n,
    ]);
    expect(amounts(read("Date;Amount\n2026-11-22;1,280\n", { ...OURS, currency: "JPY" }))).toEqual([
      1_280n,
    ]);
  });

  test.each([
    ["EUR", "12.50", "68.000"],
    ["JPY", "500", "1280.00"],
    ["KWD", "1.5", "0.0050"],
  ])("of %s with too many decimals are refused: %s, %s", (currency, first, second) => {
    expect(
      problem(`Date;Amount\n2026-11-22;${first}\n2026-11-22;${second}\n`, { ...OURS, currency }),
    ).toEqual({
      code: "decimals_wrong",
      place: { kind: "cell", line: 3, column: "Amount" },
      text: second,
      currency,
    });
  });

  test.each(["=1+1", "ten", "1e3", "12.34.56", "1,23,45", "0x1F", "12 50", "--5"])(
    "%s is none",
    (text) => {
      expect(problem(`Date;Amount\n2026-11-22;"${text}"\n`)).toMatchObject({
        code: "not_an_amount",
        place: { line: 2, column: "Amount" },
      });
    },
  );

  test("that contradict each other are refused", () => {
    expect(problem("Date;Amount\n2026-11-22;1.234,56\n2026-11-22;12.5\n")).toMatchObject({
      code: "amount_ambiguous",
      place: { line: 2 },
    });
  });

  test("in another currency than the row's are refused", () => {
    expect(problem("Date;Amount;Currency\n2026-11-22;12.50 USD;EUR\n")).toMatchObject({
      code: "currency_differs",
      found: "USD",
      expected: "EUR",
    });
  });
});

describe("the direction of money", () => {
  test.each([
    ["two columns", "Date;Debit;Credit\n2026-11-22;;5.00\n2026-11-22;3.00;\n"],
    [
      "two columns with zeros",
      "Date;Paid out;Paid in\n2026-11-22;0.00;5.00\n2026-11-22;3.00;0.00\n",
    ],
    ["two columns with dashes", "日期;支出;收入\n2026-11-22;-;5.00\n2026-11-22;3.00;--\n"],
    ["a minus in the debits", "Buchung;Soll;Haben\n22.11.2026;;5,00\n22.11.2026;-3,00;\n"],
    ["a sign", "Date;Amount\n2026-11-22;5.00\n2026-11-22;-3.00\n"],
    ["a letter", "Buchung;Betrag;Soll/Haben\n22.11.2026;5,00;H\n22.11.2026;3,00;S\n"],
    ["a letter and a sign", "Date;Amount;CR/DR\n2026-11-22;5.00;CR\n2026-11-22;-3.00;DR\n"],
    ["a Chinese word", "交易日期;金额;借贷标志\n20261122;5.00;贷\n20261122;3.00;借\n"],
    ["a letter beside the figure", "Date;Amount\n2026-11-22;5.00 CR\n2026-11-22;3.00 DR\n"],
  ])("is told by %s", (_how, table) => {
    expect(amounts(read(table))).toEqual([500n, -300n]);
  });

  test("against the column takes an earlier movement back", () => {
    const table = "Date;Debit;Credit\n2026-11-22;;-5.00\n2026-11-22;-3.00;\n2026-11-22;2.00;\n";
    expect(read(table).lines).toMatchObject([
      { amountMinor: -500n, isReversal: true },
      { amountMinor: 300n, isReversal: true },
      { amountMinor: -200n, isReversal: false },
    ]);
  });

  test.each([
    ["both columns are filled", "Date;Debit;Credit\n2026-11-22;3.00;5.00\n", "Credit"],
    ["the word is unknown", "Date;Amount;CR/DR\n2026-11-22;3.00;X\n", "CR/DR"],
    ["the word and the sign contradict", "Date;Amount;CR/DR\n2026-11-22;-3.00;CR\n", "CR/DR"],
  ])("is unclear when %s: refused", (_why, table, column) => {
    expect(problem(table)).toMatchObject({ code: "direction_unclear", place: { line: 2, column } });
  });
});

describe("days in a table", () => {
  test.each([
    "2026-11-22",
    "2026/11/22",
    "2026.11.22",
    "20261122",
    "20261122101112",
    "2026-11-22 23:59:59",
    "2026-11-22T23:59:59Z",
    "2026年11月22日",
    "22.11.2026",
    "22.11.26",
    "22/11/2026",
    "11/22/2026",
    "22-11-2026",
    "22 Nov 2026",
    "22-Nov-26",
    "22. November 2026",
    "Nov 22, 2026",
    "２０２６-１１-２２",
  ])("%s is understood", (text) => {
    expect(read(`Date;Amount\n"${text}";5.00\n`).lines[0]?.bookedOn).toBe("2026-11-22");
  });

  test("in either order are told by one that can only be one of them", () => {
    const table = (other: string) => `Date;Amount\n03/04/2026;5.00\n${other};5.00\n`;
    expect(read(table("22/11/2026")).lines[0]?.bookedOn).toBe("2026-04-03");
    expect(read(table("11/22/2026")).lines[0]?.bookedOn).toBe("2026-03-04");
    expect(problem(table("05/04/2026"))).toEqual({
      code: "date_ambiguous",
      place: { kind: "cell", line: 2, column: "Date" },
      text: "03/04/2026",
    });
    const told = read(table("05/04/2026"), { ...OURS, dateOrder: "month_first" });
    expect(told.lines[0]?.bookedOn).toBe("2026-03-04");
  });

  test("that contradict each other are refused", () => {
    const table = "Date;Amount\n22/11/2026;5.00\n11/23/2026;5.00\n";
    expect(problem(table)).toMatchObject({ code: "date_ambiguous", place: { line: 3 } });
  });

  test.each(["2026-02-30", "31.11.2026", "32/13/2026", "yesterday 1", "46348", "22 Foo 2026"])(
    "%s is none",
    (text) => {
      expect(problem(`Date;Amount\n${text};5.00\n`)).toMatchObject({
        code: "not_a_date",
        place: { line: 2, column: "Date" },
      });
    },
  );

  test("of value count where none of booking is told, and the other way round", () => {
    expect(read("Valuta;Betrag\n22.11.2026;5,00\n").lines[0]).toMatchObject({
      bookedOn: "2026-11-22",
      valueOn: "2026-11-22",
    });
  });
});

describe("a table is found", () => {
  const rows = ["Date", "Amount", "Description"];
  test.each([";", ",", "\t"])("with %j between its cells", (mark) => {
    const table = `${rows.join(mark)}\n2026-11-22${mark}5.00${mark}"a;b,c\td"\n`;
    expect(read(table).lines[0]).toMatchObject({ amountMinor: 500n, remittanceText: "a;b,c d" });
  });

  test.each([
    ["UTF-8 with a mark", Buffer.from("\uFEFFDate;Amount;Name\n2026-11-22;5.00;Müller\n")],
    ["UTF-16", Buffer.from("\uFEFFDate;Amount;Name\n2026-11-22;5.00;Müller\n", "utf16le")],
    ["Latin-1", Buffer.from("Date;Amount;Name\n2026-11-22;5.00;Müller\n", "latin1")],
  ])("in %s", (_encoding, file) => {
    expect(only(readStatement(file, OURS)).lines[0]?.counterpartyName).toBe("Müller");
  });

  test("with any end of line, and without one at the end", () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      expect(read(["Date;Amount", "2026-11-22;5.00"].join(end)).lines).toHaveLength(1);
    }
  });

  test("under up to forty lines of other things, not further", () => {
    const under = (count: number) => `${"Bank;x\n".repeat(count)}Date;Amount\n2026-11-22;5.00\n`;
    expect(read(under(39)).lines).toHaveLength(1);
    expect(problem(under(40)).code).toBe("header_not_found");
  });

  test("with blank rows, sums and balances around the movements left out", () => {
    const table =
      "Date;Amount;Description\n;;\n2026-11-22;5.00;x\n2026-11-22;;Closing balance\nTotal;5.00;\n合计;5.00;\n\nThank you for banking with us\n";
    expect(amounts(read(table))).toEqual([500n]);
  });
});

describe("a table is refused, naming what is wrong,", () => {
  test.each<[string, string, object]>([
    ["without a day", "Amount;Name\n5.00;x\n", { code: "header_not_found", missing: ["bookedOn"] }],
    [
      "without an amount",
      "Date;Name\n2026-11-22;x\n",
      { code: "header_not_found", missing: ["amount"] },
    ],
    ["that is none", "Dear Sir or Madam\n", { code: "header_not_found" }],
    [
      "with two columns that may both be meant",
      "Date;Amount;Betrag\n2026-11-22;5.00;6.00\n",
      { code: "columns_ambiguous", columns: ["Amount", "Betrag"], line: 1 },
    ],
    [
      "with more cells than columns",
      "Date,Amount,Name\n2026-11-22,5.00,Fischer, Emma\n",
      { code: "row_too_long", line: 2 },
    ],
    [
      "with a movement without a day",
      "Date;Amount\n;5.00\n",
      { code: "missing", place: { kind: "cell", line: 2, column: "Date" } },
    ],
    [
      "with a day without an amount",
      "Date;Amount\n2026-11-22;\n",
      { code: "missing", place: { kind: "cell", line: 2, column: "Amount" } },
    ],
    [
      "with a status that is not known",
      "Date;Amount;Status\n2026-11-22;5.00;perhaps\n",
      { code: "value_unknown", text: "perhaps", place: { line: 2, column: "Status" } },
    ],
    [
      "with a currency that is none",
      "Date;Amount;Currency\n2026-11-22;5.00;gold\n",
      { code: "value_unknown", text: "gold" },
    ],
    [
      "with two currencies for one amount",
      "Date;Amount;Currency;Währung\n2026-11-22;5.00;EUR;USD\n",
      { code: "currency_differs", found: "USD", expected: "EUR" },
    ],
    [
      "with a quote that does not end",
      'Date;Amount\n2026-11-22;"5.00\n',
      { code: "csv_malformed" },
    ],
  ])("%s", (_what, table, expected) => {
    expect(problem(table)).toMatchObject(expected);
  });

  test("counting lines as an editor does, also after a cell of several lines", () => {
    const table = 'Date;Amount;Description\n2026-11-22;5.00;"a\nb\nc"\n\n2026-11-22;x;\n';
    expect(problem(table)).toMatchObject({ place: { line: 6 } });
  });

  test("without an account or a currency that anything tells", () => {
    const table = "Date;Amount\n2026-11-22;5.00\n";
    expect(problem(table, { currency: "EUR" })).toEqual({ code: "account_missing" });
    expect(problem(table, { accountNumber: "1" })).toEqual({ code: "currency_missing" });
  });

  test("of another account than the one it was said to be of", () => {
    expect(
      refused(readStatement(sample("dkb.csv"), { accountNumber: "DE02120300000000202051" })),
    ).toEqual({
      code: "account_differs",
      found: "DE89370400440532013000",
      expected: "DE02120300000000202051",
    });
    expect(readStatement(sample("dkb.csv"), OURS).ok).toBe(true);
  });
});

describe("balances in a table", () => {
  const table = (...balances: string[]) =>
    `Date;Amount;Balance\n${balances
      .map((balance, index) => `2026-11-2${index};1.00;${balance}\n`)
      .join("")}`;

  test("are followed row by row, from either end, over gaps", () => {
    expect(read(table("11.00", "12.00", "13.00"))).toMatchObject({
      openingMinor: 1_000n,
      closingMinor: 1_300n,
      notes: [],
    });
    expect(read(table("13.00", "12.00", "11.00"))).toMatchObject({
      openingMinor: 1_000n,
      closingMinor: 1_300n,
    });
    expect(read(table("", "12.00", ""))).toMatchObject({
      openingMinor: 1_000n,
      closingMinor: 1_300n,
    });
  });

  test("that do not follow are refused with the figures and the line", () => {
    expect(problem(table("11.00", "12.00", "13.01"))).toMatchObject({
      code: "totals_differ",
      currency: "EUR",
      openingMinor: 1_200n,
      movedMinor: 100n,
      closingMinor: 1_301n,
      line: 4,
    });
  });

  test("above and below the table are compared with its movements", () => {
    const framed = (closing: string) =>
      `Opening balance;10.00\nDate;Amount\n2026-11-22;1.00\nClosing balance;${closing}\n`;
    expect(read(framed("11.00"))).toMatchObject({ openingMinor: 1_000n, closingMinor: 1_100n });
    expect(problem(framed("12.00"))).toMatchObject({
      code: "totals_differ",
      openingMinor: 1_000n,
      movedMinor: 100n,
      closingMinor: 1_200n,
    });
  });
});
