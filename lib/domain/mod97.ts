/**
 * The remainder by 97 of a text of digits and capital letters, each letter read as two digits (A = 10 …
 * Z = 35): ISO/IEC 7064 MOD 97-10, as IBAN (ISO 13616) and creditor reference (ISO 11649) use it. A text
 * that carries its two check digits at the end leaves 1. Throws on any other character.
 */
export function remainder97(text: string): number {
  let remainder = 0;
  for (const character of text) {
    const value = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".indexOf(character);
    if (value < 0) throw new RangeError(`Neither digit nor capital letter: ${character}`);
    remainder = (remainder * (value < 10 ? 10 : 100) + value) % 97;
  }
  return remainder;
}
