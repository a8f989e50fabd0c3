import { remainder97 } from "./mod97.ts";

/**
 * The reference a customer writes on a bank transfer: an ISO 11649 creditor reference, `RF`, two check
 * digits (ISO/IEC 7064 MOD 97-10) and a body, here always of twelve digits.
 *
 * The standard is taken because banks know it: European forms check it while it is typed, and CAMT
 * carries it in a field of its own. It would allow letters in the body; digits alone are taken because
 * then MOD 97-10 notices every single wrong digit and every swap of neighbours, O and I can only mean 0
 * and 1, and sixteen characters fit where banks are sparing (18 in UK Faster Payments).
 */
const BODY_DIGITS = 12;

/** What is read over between two characters: blanks, line breaks, dashes, dots and slashes a bank or a person put there. */
const GAP = String.raw`[\s\p{Pd}._/]{0,8}`;
/** A letter that looks like a digit is one, unless a word goes on behind it. */
const DIGIT = String.raw`(?:[0-9|]|[OIL](?![A-HJKMNP-Z]))`;
const REFERENCE = new RegExp(
  String.raw`(?=R${GAP}F((?:${GAP}${DIGIT}){${2 + BODY_DIGITS}})(?![0-9]))`,
  "gu",
);

/**
 * A new reference in its electronic form, e.g. `RF97500123456789`.
 *
 * @param random at least eight random bytes; collisions are for a unique index to find
 */
export function bankReference(random: Uint8Array): string {
  if (random.length < 8) throw new RangeError("A bank reference needs eight random bytes");
  const drawn = random.slice(0, 8).reduce((total, byte) => total * 256n + BigInt(byte), 0n);
  // Never a leading zero: spreadsheets and forms take those away.
  const least = 10n ** BigInt(BODY_DIGITS - 1);
  const body = (least + (drawn % (least * 9n))).toString();
  return `RF${checkDigits(body)}${body}`;
}

/** The reference as it is shown and printed, in groups of four: `RF97 5001 2345 6789`. */
export function formatBankReference(reference: string): string {
  return reference.replace(/(.{4})(?=.)/g, "$1 ");
}

/**
 * Every valid reference in a remittance text, in electronic form and in order, each once. Finds them in
 * any case and width, among other words, broken over lines, with O for 0 and I, l or | for 1. What has a
 * wrong digit is not found, nor what has a further digit attached: which of them is too many is not known.
 */
export function findBankReferences(text: string): string[] {
  const plain = text
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .toUpperCase();
  const found = [...plain.matchAll(REFERENCE)].map(([, digits = ""]) =>
    digits
      .replace(/[^0-9OIL|]/g, "")
      .replaceAll("O", "0")
      .replace(/[IL|]/g, "1"),
  );
  const valid = found.filter((digits) => digits.slice(0, 2) === checkDigits(digits.slice(2)));
  return [...new Set(valid.map((digits) => `RF${digits}`))];
}

function checkDigits(body: string): string {
  return String(98 - remainder97(`${body}RF00`)).padStart(2, "0");
}
