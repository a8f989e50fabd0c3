import type { StatementColumn } from "#lib/domain/bank-statement.ts";

/**
 * What banks call the columns of a table of movements, in English, German and Chinese, written as
 * {@link columnKey} leaves them. Earlier groups of a column win over later ones: where a bank tells both, the
 * day of booking counts before the day of the transaction.
 */
const NAMES: Readonly<Record<StatementColumn, readonly (readonly string[])[]>> = {
  bookedOn: [
    words(`buchungstag buchungsdatum buchung bookingdate bookeddate bookdate bookedon postingdate
      posteddate postdate entrydate completeddate 记账日期 记账日 入账日期 入账时间 过账日期`),
    words("date datum transactiondate txdate 交易日期 交易日 日期"),
    words("datetime transactiontime 交易时间"),
  ],
  valueOn: [
    words("wertstellung wertstellungsdatum valuta valutadatum wert valuedate 起息日 起息日期"),
  ],
  amount: [words("betrag umsatz amount transactionamount 金额 交易金额 发生额")],
  debit: [
    words(`soll debit debits debitamount paidout moneyout withdrawal withdrawals belastung
      借方 借方金额 借方发生额 借方发生额元 支出 支出金额 支取 转出金额`),
  ],
  credit: [
    words(`haben credit credits creditamount paidin moneyin deposit deposits gutschrift
      贷方 贷方金额 贷方发生额 贷方发生额元 收入 收入金额 存入 转入金额`),
  ],
  direction: [
    words(`sollhaben sollhabenkennzeichen shkennzeichen debitcredit creditdebit drcr crdr
      creditdebitindicator direction 借贷 借贷标志 借贷标识 借贷方向 收支 收支方向`),
  ],
  currency: [words("waehrung currency ccy transactioncurrency 币种 币别 货币 交易货币")],
  balance: [
    words("saldo saldonachbuchung balance runningbalance 余额 账户余额 交易后余额 本次余额"),
  ],
  counterpartyName: [
    words(`beguenstigterzahlungspflichtiger beguenstigterauftraggeber auftraggeberempfaenger
      auftraggeberbeguenstigter namezahlungsbeteiligter zahlungsbeteiligter counterparty
      counterpartyname partnername name 对方户名 对方名称 对方账户名称 对方单位 对方单位名称
      收付方名称`),
  ],
  counterpartyAccount: [
    words(`kontonummeriban ibanzahlungsbeteiligter iban counterpartyaccount counterpartyiban
      counterpartyaccountnumber partneriban 对方账号 对方帐号 对方账户 收付方账号 收付方帐号`),
  ],
  payerName: [
    words(
      "zahlungspflichtiger auftraggeber payer payername payersname 付款人 付款人名称 付款方户名",
    ),
  ],
  payerAccount: [
    words("payeraccount payeraccountnumber payersaccountnumber 付款人账号 付款方账号"),
  ],
  payeeName: [
    words(`zahlungsempfaenger zahlungsempfaengerin empfaenger beguenstigter payee payeename
      payeesname recipient 收款人 收款人名称 收款方户名`),
  ],
  payeeAccount: [
    words("payeeaccount payeeaccountnumber payeesaccountnumber 收款人账号 收款方账号"),
  ],
  remittance: [
    words(`verwendungszweck kundenreferenz reference paymentreference description memo
      transactiondescription details narrative particulars remittanceinformation message
      endtoendid 摘要 附言 用途 备注 交易附言 业务摘要 其它摘要 其他摘要 客户附言 附言用途 摘要备注`),
  ],
  bankReference: [
    words(`transactionid transactionreference transactionreferencenumber bankreference
      transferwiseid entryreference transaktionsid buchungsreferenz 交易流水号 流水号 银行流水号
      核心流水号 账户明细编号交易流水号`),
  ],
  account: [
    words(`auftragskonto ibanauftragskonto account accountnumber accountiban 账号 帐号 账户 本方账号
      查询账号`),
  ],
  status: [words("status state info buchungsstatus 交易状态 状态")],
};

function words(text: string): readonly string[] {
  return text.split(/\s+/);
}

const KNOWN: ReadonlyMap<string, { readonly column: StatementColumn; readonly rank: number }> =
  new Map(
    (Object.keys(NAMES) as StatementColumn[]).flatMap((column) =>
      NAMES[column].flatMap((names, rank) =>
        names.map((name) => [name, { column, rank }] as const),
      ),
    ),
  );

/** Which column a header cell names, and how well; null for one that is of no use here. */
export function knownColumn(
  header: string,
): { readonly column: StatementColumn; readonly rank: number } | null {
  return KNOWN.get(columnKey(header)) ?? null;
}

/** The currency that a header names beside the column: `Betrag (€)`, `Amount (GBP)`, `金额(元)`. */
export function headerCurrency(header: string): string | null {
  const [, inside = ""] =
    /[([]\s*([A-Za-z]{3}|[€£元])\s*[)\]]/.exec(header.normalize("NFKC")) ?? [];
  if (/^[A-Z]{3}$/.test(inside)) return inside;
  return { "€": "EUR", "£": "GBP", 元: "CNY" }[inside] ?? null;
}

/** A header or label without case, width, brackets, blanks, signs and umlauts. */
export function columnKey(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\([^)]*\)|\[[^\]]*\]/g, "")
    .replaceAll("ä", "ae")
    .replaceAll("ö", "oe")
    .replaceAll("ü", "ue")
    .replaceAll("ß", "ss")
    .replace(/[^\p{L}\p{N}]/gu, "");
}

/** Whether a row without a day is the foot of a table: totals, counts, the end. */
export function isFoot(label: string): boolean {
  return /^(total|sum|summe|gesamt|saldo|opening|closing|end|anfang|合计|总计|小计|总笔数|总收入|总支出|期初|期末|借方|贷方)/.test(
    columnKey(label),
  );
}

export type BalanceLabel = "opening" | "closing";

/** Which balance a label beside a table names, or null. */
export function balanceLabel(label: string): BalanceLabel | null {
  const key = columnKey(label);
  if (/^(openingbalance|anfangssaldo|期初余额|上期余额|承前余额)$/.test(key)) return "opening";
  return /^(closingbalance|endsaldo|期末余额|本期余额)$/.test(key) ? "closing" : null;
}

/** Whether a label beside a table names the account, or its currency. */
export function headLabel(label: string): "account" | "currency" | null {
  const known = knownColumn(label.replace(/[:：]\s*$/, ""))?.column;
  if (known === "account" || known === "currency") return known;
  return /^(iban|konto|girokonto|kontonummer|accountno)$/.test(columnKey(label)) ? "account" : null;
}

/** Whether a movement is booked, by its status; null when the status is not known. */
export function isBookedStatus(status: string): boolean | null {
  const key = columnKey(status);
  if (
    /^(|umsatzgebucht|gebucht|booked|completed|posted|settled|cleared|success|successful|成功|交易成功|已入账|已记账)$/.test(
      key,
    )
  ) {
    return true;
  }
  return /^(umsatzvorgemerkt|vorgemerkt|ausstehend|pending|declined|reverted|failed|cancelled|处理中|失败|交易失败|待入账)$/.test(
    key,
  )
    ? false
    : null;
}

/** The direction a cell names, or null. On a statement 借 is money out and 贷 money in, as debit and credit are. */
export function readDirection(text: string): "credit" | "debit" | null {
  const key = columnKey(text);
  if (/^(c|cr|crdt|credit|h|haben|gutschrift|in|贷|贷方|收|收入|来账|转入)$/.test(key))
    return "credit";
  return /^(d|dr|dbit|debit|s|soll|belastung|out|借|借方|支|支出|往账|转出)$/.test(key)
    ? "debit"
    : null;
}
