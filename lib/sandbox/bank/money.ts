/** Decimals of a currency: ISO 4217, for the currencies that the demo knows. */
function decimalsOf(currency: string): number {
  if (["JPY", "KRW", "VND", "CLP"].includes(currency)) return 0;
  return ["KWD", "BHD", "OMR", "JOD", "TND"].includes(currency) ? 3 : 2;
}

/** Minor units of a decimal text such as `-12.50`; null when it is none, or has too many decimals. */
export function toMinor(text: string, currency: string): bigint | null {
  const decimals = decimalsOf(currency);
  const [, sign, whole = "", fraction = ""] = /^(-?)(\d{1,15})(?:\.(\d{1,3}))?$/.exec(text) ?? [];
  if (sign === undefined || fraction.length > decimals) return null;
  const size = BigInt(whole + fraction.padEnd(decimals, "0"));
  return sign === "-" ? -size : size;
}

/** How amounts are written: the mark before the decimals, what groups thousands, decimals too many. */
export interface Style {
  mark: "." | ",";
  group: "" | "." | ",";
  extraDecimals?: number;
}

/** An amount as a bank writes it. */
export function toText(amountMinor: bigint, currency: string, style: Style): string {
  const decimals = decimalsOf(currency);
  const size = (amountMinor < 0n ? -amountMinor : amountMinor).toString();
  const digits = size.padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals) + "0".repeat(style.extraDecimals ?? 0);
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, style.group);
  return `${amountMinor < 0n ? "-" : ""}${grouped}${fraction === "" ? "" : style.mark + fraction}`;
}
