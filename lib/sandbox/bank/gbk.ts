/** The bytes of each character that has two in GBK, found by decoding all of them once. */
let known: Map<string, readonly [number, number]> | undefined;

function twoBytes(): Map<string, readonly [number, number]> {
  if (known) return known;
  known = new Map();
  const decoder = new TextDecoder("gbk");
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      const character = decoder.decode(Uint8Array.of(lead, trail));
      if (character.length === 1 && character !== "\uFFFD" && !known.has(character)) {
        known.set(character, [lead, trail]);
      }
    }
  }
  return known;
}

/** A text in GBK, which Node only decodes; what GBK has not becomes a question mark, as at a bank. */
export function encodeGbk(text: string): Uint8Array {
  const table = twoBytes();
  const bytes = Array.from(text).flatMap((character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x80 ? [code] : [...(table.get(character) ?? [0x3f])];
  });
  return Uint8Array.from(bytes);
}
