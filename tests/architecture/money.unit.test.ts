import { Visitor } from "oxc-parser";
import { expect, test } from "vitest";
import { parseSource, readSourceFiles, type SourceFile } from "./source-files.ts";

/** Places where a whole number of minor units could become a float, each with its text. */
function findFloats({ path, text, parsed }: SourceFile): string[] {
  const found: string[] = [];
  const isMoney = (part: string) => /[a-z]Minor\b|\bminor\b/.test(part);
  const look = (node: { start: number; end: number }) => {
    const part = text.slice(node.start, node.end);
    if (isMoney(part)) found.push(`${path}: ${part}`);
  };
  new Visitor({
    CallExpression(call) {
      const callee = text.slice(call.callee.start, call.callee.end);
      if (/^(Number|parseFloat|Number\.parseFloat|Math\.\w+)$/.test(callee)) look(call);
      if (/\.toFixed$/.test(callee)) look(call);
    },
    UnaryExpression(unary) {
      if (unary.operator === "+") look(unary);
    },
    BinaryExpression(binary) {
      if (!["*", "/", "+", "-", "%", "**"].includes(binary.operator)) return;
      const fraction = [binary.left, binary.right].some(
        (side) => side.type === "Literal" && typeof side.value === "number",
      );
      if (fraction) look(binary);
    },
    TSTypeAnnotation(annotation) {
      const name = /([\w$]+)\??$/.exec(text.slice(0, annotation.start));
      if (annotation.typeAnnotation.type === "TSNumberKeyword" && name?.[1] && isMoney(name[1])) {
        found.push(`${path}: ${name[1]}: number`);
      }
    },
  }).visit(parsed.program);
  return found;
}

test("no float touches money", () => {
  // Providers speak JSON numbers; an adapter's wire file turns them into bigint, and back, and is
  // the only place that may. Stand-ins are providers.
  const watched = readSourceFiles().filter(
    ({ path }) =>
      /^(app|components|lib|prisma)\//.test(path) &&
      !/^lib\/(sandbox|cli)\/|^lib\/(payments|carriers)\/[^/]+\/wire\.ts$|\.test\.tsx?$/.test(path),
  );
  expect(watched.flatMap(findFloats)).toEqual([]);
});

test.each([
  "Number(order.totalMinor)",
  "Math.round(amountMinor)",
  "parseFloat(priceMinor)",
  "(price.amountMinor).toFixed(2)",
  "+amountMinor",
  "amountMinor / 100",
  "let amountMinor: number",
  "function f(priceMinor: number) {}",
])("the rule sees %s", (code) => {
  expect(findFloats(parseSource("lib/domain/x.ts", code))).toHaveLength(1);
});

test.each([
  "amountMinor * 3n",
  "String(amountMinor)",
  "BigInt(text)",
  "Math.min(a, b)",
  "Number(days)",
])("the rule lets %s pass", (code) => {
  expect(findFloats(parseSource("lib/domain/x.ts", code))).toEqual([]);
});
