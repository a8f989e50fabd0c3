import { readFileSync } from "node:fs";
import path from "node:path";
import type { Statement, StatementProblem, StatementReading } from "#lib/domain/bank-statement.ts";

/** The bytes of a sample beside this file. */
export function sample(name: string): Uint8Array {
  return readFileSync(path.join(import.meta.dirname, name));
}

/** The bytes of a text in UTF-8. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The statements of a reading. Throws when it was refused. */
export function taken(reading: StatementReading): readonly Statement[] {
  if (reading.ok) return reading.statements;
  const told = JSON.stringify(reading.problem, (_key, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
  throw new Error(`Refused: ${told}`);
}

/** The only statement of a reading. */
export function only(reading: StatementReading): Statement {
  const [statement, ...others] = taken(reading);
  if (statement === undefined || others.length > 0) throw new Error("Not one statement");
  return statement;
}

/** Why a file was refused. Throws when it was taken. */
export function refused(reading: StatementReading): StatementProblem {
  if (!reading.ok) return reading.problem;
  throw new Error(`Taken: ${reading.statements.length} statements`);
}
