import { createRequire } from "node:module";
import path from "node:path";
import { openSync, type Font } from "fontkit";

const FILES = { regular: "NotoSansHans-Regular.otf", bold: "NotoSansHans-Bold.otf" } as const;

const opened = new Map<string, Font>();

/**
 * A font that documents are set in: Noto Sans Hans (SIL Open Font License 1.1), whose 30,000 glyphs cover
 * Simplified and Traditional Chinese, kana, Latin, Greek and Cyrillic. Read once per process: reading it
 * takes longer than setting a document.
 */
export function documentFont(weight: keyof typeof FILES): Font {
  const known = opened.get(weight);
  if (known !== undefined) return known;
  // Found from the folder the process runs in: the bundle of the web server lies elsewhere.
  const resolve = createRequire(path.join(process.cwd(), "package.json")).resolve;
  const folder = path.join(path.dirname(resolve("@embedpdf/fonts-sc")), "..", "fonts");
  const font = openSync(path.join(folder, FILES[weight]));
  if (!("layout" in font)) throw new Error(`${FILES[weight]} holds more than one font`);
  opened.set(weight, font);
  return font;
}
