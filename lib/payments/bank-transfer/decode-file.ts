import { StatementRefusal } from "./statement-refusal.ts";

/** Encodings that a statement may say it has; the names are those of the WHATWG Encoding Standard. */
const ENCODINGS =
  /^(utf-?8|us-ascii|ascii|utf-16(le|be)?|iso-8859-1|iso-8859-15|windows-1252|gb18030|gbk|gb2312)$/i;

/**
 * The text of a file of which the encoding is not said: UTF-8 or UTF-16 by its mark, UTF-8 when it can be
 * read so, otherwise what it may be, the likeliest first: GB18030 as Chinese banks write, and Windows-1252
 * as German ones do.
 */
export function decodeUnmarked(bytes: Uint8Array): readonly [string, ...string[]] {
  const marked = decodeMarked(bytes);
  if (marked !== null) return [marked];
  const western = new TextDecoder("windows-1252").decode(bytes);
  const chinese = decode(bytes, "gb18030");
  if (chinese === null) return [western];
  return isChinese(bytes) ? [chinese, western] : [western, chinese];
}

/** The text of an XML file, by its mark or by what its declaration says; UTF-8 without either. */
export function decodeXml(bytes: Uint8Array): string {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 200));
  const said = /^[^<]*<\?xml[^>]*\bencoding\s*=\s*["']([^"']{1,40})["']/.exec(start)?.[1] ?? null;
  const marked = said === null || /^utf/i.test(said) ? decodeMarked(bytes) : null;
  if (marked !== null) return marked;
  const text = said !== null && ENCODINGS.test(said) ? decode(bytes, said) : null;
  if (text === null) throw new StatementRefusal({ code: "encoding_unknown", encoding: said });
  return text;
}

function decodeMarked(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return decode(bytes, "utf-16le");
  if (first === 0xfe && second === 0xff) return decode(bytes, "utf-16be");
  return decode(bytes, "utf-8");
}

function decode(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    // Not in this encoding: the caller tries another or refuses.
    if (error instanceof TypeError || error instanceof RangeError) return null;
    throw error;
  }
}

/** Bytes above ASCII come in pairs in Chinese text, and mostly alone in western text. */
function isChinese(bytes: Uint8Array): boolean {
  let [paired, alone] = [0, 0];
  for (let index = 0; index < bytes.length; index += 1) {
    if ((bytes[index] ?? 0) < 0x80) continue;
    if ((bytes[index + 1] ?? 0) >= 0x80) {
      paired += 1;
      index += 1;
    } else {
      alone += 1;
    }
  }
  return paired > alone;
}
