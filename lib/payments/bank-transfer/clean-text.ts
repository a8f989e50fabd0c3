/** Longest name, account and remittance text that is kept: twice what ISO 20022 allows for each. */
const LONGEST = { name: 280, account: 70, remittance: 2_000 } as const;

/**
 * A text as strangers wrote it, fit to be stored and shown as text: no control characters (PostgreSQL
 * takes no NUL), no marks that turn the direction of what follows, no halves of characters, single
 * blanks. Line breaks stay in remittance texts. What looks like a formula or a tag stays as it is: that
 * is for whoever writes it into a table or a page.
 */
export function cleanText(text: string, kind: keyof typeof LONGEST): string {
  const plain = text
    .toWellFormed()
    .replace(/\r\n?/g, "\n")
    .replace(/[\p{Cc}--\n]/gv, " ")
    .replace(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/g, "");
  const lines = plain
    .split("\n")
    .map((line) => line.replace(/[\p{Zs}]+/gu, " ").trim())
    .filter((line) => line !== "");
  return lines
    .join(kind === "remittance" ? "\n" : " ")
    .slice(0, LONGEST[kind])
    .toWellFormed();
}

/** As {@link cleanText}, null when nothing is left. */
export function cleanOrNull(text: string | null, kind: keyof typeof LONGEST): string | null {
  const cleaned = text === null ? "" : cleanText(text, kind);
  return cleaned === "" ? null : cleaned;
}

/** An account number without blanks and signs between the digits, in capitals; null when it is none or zeros. */
export function cleanAccount(text: string | null): string | null {
  const account = cleanOrNull(text?.replace(/[\s./-]/g, "").toUpperCase() ?? null, "account");
  return account === null || /^0+$/.test(account) ? null : account;
}
