import type { StatementPlace, StatementProblem } from "#lib/domain/bank-statement.ts";

/** A file that is not taken, thrown from wherever that shows and turned into a value by `readStatement`. */
export class StatementRefusal extends Error {
  override readonly name = "StatementRefusal";
  readonly problem: StatementProblem;

  constructor(problem: StatementProblem) {
    super(problem.code);
    this.problem = problem;
  }
}

/** Longest piece of a file that a refusal repeats. */
const LONGEST_QUOTE = 60;

/** What stands at a place of a file and is not what should: for refusals that quote it. */
export function refuseText(
  code:
    | "not_an_amount"
    | "amount_ambiguous"
    | "not_a_date"
    | "date_ambiguous"
    | "direction_unclear"
    | "value_unknown",
  place: StatementPlace,
  text: string,
): StatementRefusal {
  return new StatementRefusal({ code, place, text: text.slice(0, LONGEST_QUOTE) });
}
