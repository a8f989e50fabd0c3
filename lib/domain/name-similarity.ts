/**
 * How alike two names of people are, 0 to 1: Dice's coefficient over the pairs of neighbouring characters,
 * after case, width, accents, punctuation and the order of the words are taken away. Banks write
 * `MUELLER, JOERG` for Jörg Müller.
 */
export function nameSimilarity(a: string, b: string): number {
  const [pairsA, pairsB] = [pairs(plain(a)), pairs(plain(b))];
  if (pairsA.length === 0 || pairsB.length === 0) return 0;
  const left = new Map<string, number>();
  for (const pair of pairsA) left.set(pair, (left.get(pair) ?? 0) + 1);
  let both = 0;
  for (const pair of pairsB) {
    const count = left.get(pair) ?? 0;
    if (count === 0) continue;
    left.set(pair, count - 1);
    both += 1;
  }
  return (2 * both) / (pairsA.length + pairsB.length);
}

/** Longest part of a name that is looked at. */
const LONGEST = 140;

/** The words of a name in an order of their own, each ended by a blank. */
function plain(name: string): string {
  const words = name
    .slice(0, LONGEST)
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replaceAll("ß", "ss")
    .replaceAll("æ", "ae")
    .replaceAll("ø", "o")
    .replaceAll("ł", "l")
    // A bank without umlauts writes ae, oe, ue; one without accents a, o, u.
    .replace(/([aou])e/g, "$1")
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "" && !/^(mr|mrs|ms|miss|dr|herr|frau)$/.test(word));
  return words
    .toSorted()
    .map((word) => ` ${word} `)
    .join("");
}

function pairs(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - 1) }, (_, index) =>
    text.slice(index, index + 2),
  ).filter((pair) => pair !== "  ");
}
