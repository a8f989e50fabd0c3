import { Visitor, type Expression, type Node } from "oxc-parser";
import { expect, test } from "vitest";
import {
  parseSource,
  readSourceFiles,
  readText,
  listFiles,
  type SourceFile,
} from "./source-files.ts";

/** What makes a float of a number or a text, or works on one. */
const CONVERSIONS =
  /^(new )?(Number|parseFloat|parseInt|Number\.\w+|Math\.\w+|z\.(coerce\.)?(number|float\w*|int\w*))$/;
const ROUNDINGS = /\.(toFixed|toPrecision|toExponential)$/;
const ARITHMETIC = ["*", "/", "+", "-", "%", "**"];
/** Names of money itself; the suffix `Minor` says it of every other name. */
const MONEY =
  /[a-z]Minor\b|\bminor\b|\b(price|fee|cents|captured|refunded|deferred|balance)\b(?!\.)|\bamount\b(?!\.)/;

/** Places where a whole number of minor units could become a float, each with its text. */
function findFloats({ path, text, parsed }: SourceFile): string[] {
  const found: string[] = [];
  const aliases = findAliases(parsed.program, text);
  const textOf = (node: Node): string => text.slice(node.start, node.end);
  const isMoney = (part: string): boolean =>
    MONEY.test(part) || [...part.matchAll(/[\w$]+/g)].some(([word]) => aliases.has(word));
  const report = (node: Node): void => {
    found.push(`${path}: ${textOf(node)}`);
  };
  const look = (node: Node): void => {
    if (isMoney(textOf(node))) report(node);
  };
  /** What is called money must not be made of a float. */
  const lookAt = (name: string, value: Node | null): void => {
    if (!value || !/(^|[a-z])[Mm]inor$/.test(name)) return;
    const isNumber = value.type === "Literal" && typeof value.value === "number";
    const isConverted =
      value.type === "CallExpression" &&
      CONVERSIONS.test(textOf(value.callee).replaceAll(/\s/g, ""));
    // A call about money is found by itself.
    if (isNumber || (isConverted && !isMoney(textOf(value)))) report(value);
  };
  const isFraction = (node: Node): boolean =>
    node.type === "Literal" && typeof node.value === "number";
  new Visitor({
    CallExpression(call) {
      const callee = textOf(call.callee);
      if (CONVERSIONS.test(callee)) {
        if (call.arguments.some((argument) => isMoney(textOf(argument)))) report(call);
      } else if (ROUNDINGS.test(callee)) look(call);
    },
    NewExpression(made) {
      if (textOf(made.callee) === "Number") look(made);
    },
    UnaryExpression(unary) {
      if (unary.operator === "+") look(unary);
    },
    BinaryExpression({ operator, left, right, ...binary }) {
      if (!ARITHMETIC.includes(operator)) return;
      const bytes = { ...binary, operator, left, right };
      if (isFraction(left) || isFraction(right)) look(bytes);
    },
    AssignmentExpression({ left, right, operator }) {
      const name = /[\w$]+$/.exec(textOf(left))?.[0] ?? "";
      if (operator === "=") lookAt(name, right);
      else if (isFraction(right) && isMoney(textOf(left))) report(right);
    },
    UpdateExpression(update) {
      if (isMoney(textOf(update.argument)) && !/[\w$]*BigInt/.test(textOf(update))) report(update);
    },
    VariableDeclarator({ id, init }) {
      lookAt(id.type === "Identifier" ? id.name : "", init);
    },
    Property({ key, value }) {
      lookAt(textOf(key), value);
    },
    TSAsExpression({ expression, typeAnnotation, ...rest }) {
      const type = textOf(typeAnnotation);
      if (/\b(number|any)\b/.test(type) && isMoney(textOf(expression))) {
        report({ ...rest, expression, typeAnnotation });
      }
    },
    TSTypeAnnotation(annotation) {
      const before = text.slice(0, annotation.start);
      // The name of what is typed, or of the function whose answer is.
      const name =
        /([\w$]+)[?!]?$/.exec(before)?.[1] ?? /([\w$]+)\s*(<[^()]*>)?\([^()]*\)$/.exec(before)?.[1];
      const type = textOf(annotation.typeAnnotation);
      // Prisma takes `bigint | number` for what it stores as a whole number.
      const isFloat = /\bnumber\b/.test(type) && !/\bbigint\b/.test(type);
      if (name && isFloat && /(^|[a-z])[Mm]inor$/.test(name)) {
        found.push(`${path}: ${name}: ${type}`);
      }
    },
  }).visit(parsed.program);
  return found;
}

/** Other names that a file gives to minor units. */
function findAliases(program: SourceFile["parsed"]["program"], text: string): Set<string> {
  const aliases = new Set<string>();
  const isMinor = (node: Node): boolean =>
    /[a-z]Minor$|^minor$/.test(text.slice(node.start, node.end));
  const holds = (value: Expression | null): boolean => {
    switch (value?.type) {
      case "Identifier":
      case "MemberExpression":
        return isMinor(value);
      case "BinaryExpression":
        return (
          ARITHMETIC.includes(value.operator) &&
          [value.left, value.right].some((side) => holds(side as Expression))
        );
      case "ParenthesizedExpression":
        return holds(value.expression);
      case "ConditionalExpression":
        return holds(value.consequent) || holds(value.alternate);
      case "LogicalExpression":
        return value.operator === "??" && holds(value.left);
      default:
        return false;
    }
  };
  new Visitor({
    VariableDeclarator({ id, init }) {
      if (id.type === "Identifier" && holds(init)) aliases.add(id.name);
    },
    Property({ key, value }) {
      // In a pattern: `{ amountMinor: renamed }`.
      if (value.type === "Identifier" && isMinor(key)) aliases.add(value.name);
    },
  }).visit(program);
  return aliases;
}

/** Columns and fields of minor units that are not whole 64-bit numbers, and any field that is a float. */
function findFloatColumns(schema: string): string[] {
  return schema.split("\n").filter((line) => {
    const [, name = "", type = ""] = /^\s+(\w+)\s+(\w+)/.exec(line) ?? [];
    return /^(Float|Decimal)$/.test(type) || (/Minor$/.test(name) && type !== "BigInt");
  });
}

/** SQL that takes minor units for anything but whole numbers. */
function findFloatSql(sql: string): string[] {
  const fractions =
    /_minor\b[^;\n]{0,40}(::\s*(float\d?|real|double precision|numeric|decimal|money)\b|[*/]\s*\d+\.\d)/gi;
  const columns = /_minor"?\s+(real|double precision|numeric|decimal|money|integer|float\d?)\b/gi;
  return [...sql.matchAll(fractions), ...sql.matchAll(columns)].map(([part]) => part);
}

test("no float touches money", () => {
  // Providers speak JSON numbers; an adapter's file of amounts (or of the wire) turns them into bigint, and
  // back, and is the only place that may. Stand-ins are providers.
  const watched = readSourceFiles().filter(
    ({ path }) =>
      /^(app|components|lib|prisma)\//.test(path) &&
      !/^lib\/(sandbox|cli)\/|^lib\/(payments|carriers)\/[^/]+\/([a-z-]+-)?(wire|amounts)\.ts$|\.test\.tsx?$/.test(
        path,
      ),
  );
  expect(watched.length).toBeGreaterThan(100);
  expect(watched.flatMap(findFloats)).toEqual([]);
});

test("no float is kept for money in the database, nor made of it in SQL", () => {
  expect(findFloatColumns(readText("prisma/schema.prisma"))).toEqual([]);
  const written = listFiles().filter((file) => /^(prisma\/.*\.sql|lib\/.*\.ts)$/.test(file));
  expect(written.flatMap((file) => findFloatSql(readText(file)))).toEqual([]);
});

test.each([
  "Number(order.totalMinor)",
  "Number(amount)",
  "new Number(priceMinor)",
  "parseInt(totalMinor, 10)",
  "Math.round(amountMinor)",
  "Math.trunc(price)",
  "parseFloat(priceMinor)",
  "(price.amountMinor).toFixed(2)",
  "amountMinor.toPrecision(3)",
  "+amountMinor",
  "amountMinor / 100",
  "amountMinor * 100",
  "100 * order.taxMinor",
  "const whole = order.totalMinor; Math.floor(whole)",
  "const net = gross.amountMinor - taxMinor; Number(net)",
  "const { amountMinor: a } = price; parseFloat(a)",
  "let amountMinor: number",
  "let amountMinor: number | null",
  "function f(priceMinor: number) {}",
  "function feeMinor(text: string): number {}",
  "const x = { amountMinor: Number(text) }",
  "const x = { amountMinor: 5 }",
  "const amountMinor = parseFloat(text)",
  "order.taxMinor = Math.round(rate)",
  "amountMinor *= 1.2",
  "const schema = { amountMinor: z.number() }",
  "const schema = { amountMinor: z.coerce.number() }",
  "amountMinor as unknown as number",
])("the rule sees %s", (code) => {
  expect(findFloats(parseSource("lib/domain/x.ts", code))).not.toEqual([]);
});

test.each([
  "amountMinor * 3n",
  "String(amountMinor)",
  "BigInt(text)",
  "Math.min(a, b)",
  "Number(days)",
  "const x = { amountMinor: 5n, days: 3 }",
  "const count = orders.length / 2",
  "order.totalMinor === paidMinor ? 1 : 2",
  "const { amountMinor } = price; amountMinor > 0n",
])("the rule lets %s pass", (code) => {
  expect(findFloats(parseSource("lib/domain/x.ts", code))).toEqual([]);
});

test.each([
  '  amountMinor Int @map("amount_minor")',
  "  feeMinor    Decimal",
  "  rate        Float?",
])("the rule sees %s in the schema", (line) => {
  expect(findFloatColumns(line)).toEqual([line]);
});

test.each([
  "SELECT total_minor / 100.0",
  "SELECT sum(amount_minor)::float",
  '"amount_minor" NUMERIC NOT NULL',
  "total_minor double precision",
])("the rule sees %s in SQL", (sql) => {
  expect(findFloatSql(sql)).toHaveLength(1);
});

test("the rule lets whole numbers pass in SQL", () => {
  expect(findFloatSql('"amount_minor" BIGINT NOT NULL, sum(amount_minor)::bigint')).toEqual([]);
});
