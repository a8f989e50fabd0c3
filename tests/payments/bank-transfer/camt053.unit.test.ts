import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Statement } from "#lib/domain/bank-statement.ts";
import { money, toDecimal } from "#lib/domain/money.ts";
import { readStatement } from "#lib/payments/bank-transfer/statement.ts";
import { bytesOf, only, refused, sample, taken } from "./samples/read-sample.ts";

interface Pieces {
  version?: string;
  root?: string;
  before?: string;
  head?: string;
  account?: string;
  opening?: string;
  closing?: string;
  entries?: string;
  currency?: string;
}

/** A statement of a euro account around what a test is about. */
function document(pieces: Pieces = {}): string {
  const {
    version = "camt.053.001.08",
    root = "BkToCstmrStmt",
    before = '<?xml version="1.0" encoding="UTF-8"?>',
    head = "",
    currency = "EUR",
    account = `<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>${currency}</Ccy></Acct>`,
    opening = "",
    closing = "",
    entries = "",
  } = pieces;
  const balance = (kind: string, amount: string): string =>
    amount === ""
      ? ""
      : `<Bal><Tp><CdOrPrtry><Cd>${kind}</Cd></CdOrPrtry></Tp><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>`;
  return `${before}<Document xmlns="urn:iso:std:iso:20022:tech:xsd:${version}"><${root}><Stmt><Id>S1</Id>${head}${account}${balance("OPBD", opening)}${balance("CLBD", closing)}${entries}</Stmt></${root}></Document>`;
}

function entry(inside: string, change: { amount?: string; direction?: string } = {}): string {
  const { amount = '<Amt Ccy="EUR">10.00</Amt>', direction = "CRDT" } = change;
  return `<Ntry>${amount}<CdtDbtInd>${direction}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-22</Dt></BookgDt>${inside}</Ntry>`;
}

const read = (pieces: Pieces): Statement => only(readStatement(bytesOf(document(pieces))));
const problem = (pieces: Pieces) => refused(readStatement(bytesOf(document(pieces))));

describe("statements of several banks and versions", () => {
  test("a German one: text in pieces, characters by number, previous closing balance, announced entry", () => {
    expect(only(readStatement(sample("camt053-02-german.xml")))).toMatchObject({
      statementId: "0353C5320261122210002",
      accountNumber: "DE89370400440532013000",
      currency: "EUR",
      openingMinor: 100_000n,
      closingMinor: 105_840n,
      notes: [{ code: "not_booked", count: 1 }],
      lines: [
        {
          bookedOn: "2026-11-22",
          valueOn: "2026-11-23",
          amountMinor: 1_250n,
          currency: "EUR",
          counterpartyName: "Jörg Müller & Söhne",
          counterpartyAccount: "DE02120300000000202051",
          remittanceText: "Verlängerung rf18 5390 07\n54 7034 danke\nGutschrift",
          bankReference: "2026112211000000001",
          isReversal: false,
          isCollective: false,
        },
        {
          amountMinor: 4_990n,
          counterpartyName: "Fischer, Emma",
          remittanceText: "RF57252076229859",
          bankReference: null,
        },
        { amountMinor: -400n, counterpartyName: "Bank" },
      ],
    });
  });

  test("a Swiss one: prefixed names, Latin-1, a batch told apart, a sum that is not", () => {
    const { lines, notes, closingMinor } = only(readStatement(sample("camt053-04-swiss.xml")));
    expect(closingMinor).toBe(65_000n);
    expect(lines).toMatchObject([
      {
        amountMinor: 3_000n,
        bankReference: "TX-1",
        counterpartyName: "Zoë Grünig",
        remittanceText: "rf18539007547034",
        bookedOn: "2026-11-22",
        isCollective: false,
      },
      { amountMinor: 3_000n, bankReference: "BATCH-77", remittanceText: "Abo November" },
      { amountMinor: 3_000n, bankReference: "BATCH-77", counterpartyName: "B. Keller" },
      { amountMinor: 6_000n, isCollective: true, remittanceText: "Sammelgutschrift" },
    ]);
    expect(new Set(lines.map(({ lineId }) => lineId)).size).toBe(4);
    expect(notes).toEqual([{ code: "collective", count: 1 }]);
  });

  test("a British one: no IBAN, reference in the end-to-end id, overdrawn, taken back, returned, nothing", () => {
    const statement = only(readStatement(sample("camt053-08-british.xml")));
    expect(statement).toMatchObject({
      accountNumber: "20000055779911",
      openingMinor: -2_000n,
      closingMinor: 401n,
      notes: [
        { code: "not_booked", count: 1 },
        { code: "without_amount", count: 1 },
      ],
      lines: [
        {
          amountMinor: 2_400n,
          counterpartyName: "MISS E FISCHER",
          counterpartyAccount: "60161331926819",
          remittanceText: "RF18539007547034",
          bankReference: null,
          isReversal: false,
        },
        { amountMinor: -999n, counterpartyName: "MR O HADDAD", isReversal: true },
        { amountMinor: 1_000n, isReversal: true },
      ],
    });
  });

  test("several in one document: three decimals, none, amounts beyond a float, two pages", () => {
    const statements = taken(readStatement(sample("camt053-12-several.xml")));
    expect(
      statements.map(({ currency, lines }) => [currency, lines.map((line) => line.amountMinor)]),
    ).toEqual([
      ["KWD", [90_071_992_547_409_930n, 5n]],
      ["JPY", [1_280n, 1_280n]],
      ["JPY", [1_280n]],
    ]);
    // Alike on all counts, and still three movements.
    const yen = statements.slice(1).flatMap(({ lines }) => lines);
    expect(new Set(yen.map(({ lineId }) => lineId)).size).toBe(3);
    expect(statements[1]?.notes).toEqual([{ code: "totals_not_checked" }]);
  });

  test.each(Array.from({ length: 12 }, (_, index) => String(index + 2).padStart(2, "0")))(
    "version %s is taken",
    (version) => {
      const { lines } = read({ version: `camt.053.001.${version}`, entries: entry("") });
      expect(lines).toHaveLength(1);
    },
  );

  test.each(["<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>", "<Sts> <Cd> BOOK </Cd> </Sts>"])(
    "the status %s is booked",
    (status) => {
      const entries = entry("").replace("<Sts><Cd>BOOK</Cd></Sts>", status);
      expect(read({ entries }).lines).toHaveLength(1);
    },
  );
});

describe("an entry", () => {
  test("of one transaction has the booked amount, whatever was instructed abroad", () => {
    const details =
      '<NtryDtls><TxDtls><AmtDtls><InstdAmt><Amt Ccy="USD">11.80</Amt></InstdAmt></AmtDtls><RmtInf><Ustrd>RF18539007547034</Ustrd></RmtInf></TxDtls></NtryDtls>';
    expect(read({ entries: entry(details) }).lines).toMatchObject([
      { amountMinor: 1_000n, currency: "EUR", remittanceText: "RF18539007547034" },
    ]);
  });

  test.each([
    ["do not make up the sum", ["4.00", "5.00"], "CRDT"],
    ["are not told", [null, null], "CRDT"],
    ["are told in part", ["4.00", null], "CRDT"],
  ])("of several transactions whose amounts %s stays one, nobody's alone", (_what, amounts) => {
    const details = amounts.map(
      (amount, index) =>
        `<TxDtls>${amount === null ? "" : `<Amt Ccy="EUR">${amount}</Amt>`}<RltdPties><Dbtr><Nm>P${index}</Nm></Dbtr></RltdPties><RmtInf><Ustrd>text ${index}</Ustrd></RmtInf></TxDtls>`,
    );
    const { lines, notes } = read({ entries: entry(`<NtryDtls>${details.join("")}</NtryDtls>`) });
    expect(lines).toMatchObject([
      {
        amountMinor: 1_000n,
        isCollective: true,
        counterpartyName: null,
        remittanceText: "text 0\ntext 1",
      },
    ]);
    expect(notes).toContainEqual({ code: "collective", count: 1 });
  });

  test("of several transactions in both directions is told apart by their own", () => {
    const details =
      '<NtryDtls><TxDtls><Amt Ccy="EUR">12.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></TxDtls></NtryDtls><NtryDtls><TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">2.00</Amt></TxAmt></AmtDtls><CdtDbtInd>DBIT</CdtDbtInd></TxDtls></NtryDtls>';
    const { lines } = read({ entries: entry(details) });
    expect(lines.map(({ amountMinor }) => amountMinor)).toEqual([1_200n, -200n]);
  });

  test("without a booking day has the day of its value; with a time the bank's own day", () => {
    const noDay = entry("<ValDt><Dt>2026-11-20</Dt></ValDt>").replace(
      /<BookgDt>.*?<\/BookgDt>/,
      "",
    );
    expect(read({ entries: noDay }).lines[0]?.bookedOn).toBe("2026-11-20");
    const time = entry("").replace("<Dt>2026-11-22</Dt>", "<DtTm>2026-11-22T00:10:00+08:00</DtTm>");
    expect(read({ entries: time }).lines[0]).toMatchObject({
      bookedOn: "2026-11-22",
      valueOn: "2026-11-22",
    });
  });

  test("tells text that is hostile as text, without what would break a page or the database", () => {
    const name = '<![CDATA[=HYPERLINK("x") <script>]]>&#x202E;&#0;&#8;\t Bobby';
    const details = `<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>${name}</Nm></Dbtr></RltdPties><RmtInf><Ustrd>&amp;lt;b&amp;gt; &unknown;</Ustrd><Ustrd>${"x".repeat(5_000)}</Ustrd></RmtInf></TxDtls></NtryDtls>`;
    const [line] = read({ entries: entry(details) }).lines;
    expect(line?.counterpartyName).toBe('=HYPERLINK("x") <script> Bobby');
    expect(line?.remittanceText.startsWith("&lt;b&gt; &unknown;\nxxx")).toBe(true);
    expect(line?.remittanceText.length).toBe(2_000);
  });
});

describe("amounts in CAMT", () => {
  const currencies = fc.constantFrom("EUR", "JPY", "KWD", "CNY");
  test("come out exactly as they went in, in every currency", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 15n }), currencies, (amountMinor, currency) => {
        const text = toDecimal(money(amountMinor, currency));
        const amount = `<Amt Ccy="${currency}">${text}</Amt>`;
        const { lines } = read({ currency, entries: entry("", { amount }) });
        expect(lines[0]).toMatchObject({ amountMinor, currency });
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ["EUR", "10", 1_000n],
    ["EUR", "10.5", 1_050n],
    ["EUR", " 10.50 ", 1_050n],
    ["KWD", "1.2", 1_200n],
  ])("%s %s has fewer decimals and is taken", (currency, text, amountMinor) => {
    const amount = `<Amt Ccy="${currency}">${text}</Amt>`;
    expect(read({ currency, entries: entry("", { amount }) }).lines[0]?.amountMinor).toBe(
      amountMinor,
    );
  });

  test.each([
    ["EUR", "10.001"],
    ["EUR", "10.000"],
    ["JPY", "1280.00"],
    ["KWD", "0.0050"],
  ])("%s %s has too many decimals and is refused", (currency, text) => {
    const amount = `<Amt Ccy="${currency}">${text}</Amt>`;
    expect(problem({ currency, entries: entry("", { amount }) })).toEqual({
      code: "decimals_wrong",
      place: { kind: "element", path: "Document/BkToCstmrStmt/Stmt/Ntry/Amt" },
      text,
      currency,
    });
  });

  test.each(["-10.00", "1,50", "1e3", "ten", "0x10", "9".repeat(19), "10.00 EUR"])(
    "%s is no amount",
    (text) => {
      const amount = `<Amt Ccy="EUR">${text}</Amt>`;
      expect(problem({ entries: entry("") + entry("", { amount }) })).toMatchObject({
        code: "not_an_amount",
        place: { path: "Document/BkToCstmrStmt/Stmt/Ntry[2]/Amt" },
      });
    },
  );
});

describe("a document is refused, naming the place,", () => {
  test.each<[string, Pieces, object]>([
    [
      "in another currency than the account",
      { entries: entry("", { amount: '<Amt Ccy="USD">1.00</Amt>' }) },
      { code: "currency_differs", found: "USD", expected: "EUR" },
    ],
    [
      "without a currency at the amount",
      { entries: entry("", { amount: "<Amt>1.00</Amt>" }) },
      { code: "currency_differs", found: "" },
    ],
    ["without an amount", { entries: entry("", { amount: "" }) }, { code: "missing" }],
    [
      "with a direction of its own",
      { entries: entry("", { direction: "BOTH" }) },
      { code: "direction_unclear", text: "BOTH" },
    ],
    [
      "without a status",
      { entries: entry("").replace(/<Sts>.*?<\/Sts>/, "") },
      { code: "missing", place: { path: "Document/BkToCstmrStmt/Stmt/Ntry/Sts" } },
    ],
    [
      "with a day that does not exist",
      { entries: entry("").replace("2026-11-22", "2026-02-30") },
      { code: "not_a_date", text: "2026-02-30" },
    ],
    [
      "without any day",
      { entries: entry("").replace(/<BookgDt>.*?<\/BookgDt>/, "") },
      { code: "missing", place: { path: "Document/BkToCstmrStmt/Stmt/Ntry/BookgDt" } },
    ],
    ["without an account", { account: "" }, { code: "missing" }],
    [
      "of another message",
      { version: "camt.052.001.08", root: "BkToCstmrAcctRpt" },
      { code: "not_a_statement", found: "camt.052.001.08" },
    ],
    [
      "of a version that is not known",
      { version: "camt.053.001.99" },
      { code: "not_a_statement", found: "camt.053.001.99" },
    ],
    ["of no statement", { root: "BkToCstmrDbtCdtNtfctn" }, { code: "not_a_statement" }],
  ])("%s", (_what, pieces, expected) => {
    expect(problem(pieces)).toMatchObject(expected);
  });

  test("when opening balance and entries do not make the closing balance, with the figures", () => {
    expect(problem({ opening: "5.00", closing: "15.01", entries: entry("") })).toEqual({
      code: "totals_differ",
      statementId: "S1",
      currency: "EUR",
      openingMinor: 500n,
      movedMinor: 1_000n,
      closingMinor: 1_501n,
      line: null,
    });
    expect(read({ opening: "5.00", closing: "15.00", entries: entry("") }).notes).toEqual([]);
  });

  test("when the same statement stands in it twice", () => {
    const one = document({ entries: entry("") });
    const [, statement = ""] = /(<Stmt>.*<\/Stmt>)/.exec(one) ?? [];
    const twice = bytesOf(one.replace(statement, statement + statement));
    expect(refused(readStatement(twice))).toEqual({
      code: "statement_repeated",
      statementId: "S1",
    });
  });
});

describe("a hostile document", () => {
  const laughs = Array.from(
    { length: 10 },
    (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`,
  ).join("");

  test.each([
    ["entities that multiply", `<!DOCTYPE d [<!ENTITY l0 "ha">${laughs}]>`],
    ["a file of ours as an entity", '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'],
    ["a type from elsewhere", '<!doctype d SYSTEM "http://evil.example/d.dtd">'],
  ])("with %s is refused before it is read", (_what, before) => {
    const entries = entry("<AddtlNtryInf>&l9;&x;</AddtlNtryInf>");
    expect(problem({ before, entries })).toEqual({ code: "xml_declares_type" });
  });

  test("that is nested without end is refused", () => {
    const deep = "<a>".repeat(1_000_000);
    expect(refused(readStatement(bytesOf(deep)))).toEqual({ code: "xml_too_deep" });
    expect(problem({ head: "<a>".repeat(100) + "</a>".repeat(100) })).toEqual({
      code: "xml_too_deep",
    });
  });

  test.each([
    ["that was cut off", (text: string) => text.slice(0, -30)],
    ["that was cut off in a tag", (text: string) => text.slice(0, text.indexOf("<Ntry>") + 3)],
    ["with tags crossed", (text: string) => text.replace("</Stmt>", "</Stnt>")],
    [
      "with a name that would change objects",
      (text: string) => text.replace("<Id>", "<__proto__>"),
    ],
    ["with something behind it", (text: string) => `${text}<`],
  ])("%s is refused", (_what, spoil) => {
    const whole = document({ opening: "0.00", closing: "10.00", entries: entry("") });
    expect(refused(readStatement(bytesOf(spoil(whole)))).code).toBe("xml_malformed");
  });

  test("of characters in an encoding that is not said, or not known, is refused", () => {
    const latin = Buffer.from(document({ head: "<Nm>Müller</Nm>" }), "latin1");
    expect(refused(readStatement(latin))).toEqual({ code: "encoding_unknown", encoding: "UTF-8" });
    const odd = document({ before: '<?xml version="1.0" encoding="x-user-defined"?>' });
    expect(refused(readStatement(bytesOf(odd)))).toMatchObject({ code: "encoding_unknown" });
  });

  test("never brings the reader down, whatever is changed in it", () => {
    const whole = document({ opening: "0.00", closing: "10.00", entries: entry("") });
    const place = fc.nat({ max: whole.length });
    fc.assert(
      fc.property(place, place, fc.string({ unit: "binary", maxLength: 12 }), (from, to, text) => {
        const spoilt = whole.slice(0, from) + text + whole.slice(Math.max(from, to));
        const reading = readStatement(bytesOf(spoilt));
        // What is taken all the same is a statement with its balances right.
        for (const { openingMinor, closingMinor, lines } of reading.ok ? reading.statements : []) {
          const moved = lines.reduce((total, { amountMinor }) => total + amountMinor, 0n);
          if (openingMinor !== null && closingMinor !== null) {
            expect(openingMinor + moved).toBe(closingMinor);
          }
        }
      }),
      { numRuns: 100 },
    );
  }, 30_000);
});
