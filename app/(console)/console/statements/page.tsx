import { framed } from "#app/frame.tsx";
import { StatementDeskPage } from "#components/console/statement-desk.tsx";
import { requireStaff } from "#lib/access/session.ts";
import { STATEMENT_MAX_BYTES } from "#lib/config/limits.ts";
import type { Locale } from "#lib/domain/locale.ts";
import { translator } from "#lib/i18n/translator.ts";
import { getStatementDesk } from "#lib/services/bank/get-statement-desk.ts";
import { StatementIdsInput, StatementNotesInput } from "#lib/services/bank/schemas.ts";
import { readAnswer, type FormAnswer } from "#lib/web/form-answer.ts";
import { presentAnswer, type PresentedAnswer } from "#lib/web/present-answer.ts";
import { valueOf } from "#lib/web/value-of.ts";
import { decide } from "./actions.ts";
import { DECIDE_FORM, IMPORT_FORM } from "./form.ts";

/**
 * Bank statements: the form to bring one, what became of the one just brought (`?taken=`, with what was
 * read over in it in `notes`), the movements that wait for a decision, and what was imported before.
 */
export default framed(async ({ reader, query }) => {
  const staff = await requireStaff();
  const chosen = StatementIdsInput.safeParse(query("taken") ?? "");
  const notes = StatementNotesInput.safeParse(query("notes") ?? "");
  const desk = valueOf(
    await getStatementDesk(staff, { chosen: chosen.success ? chosen.data : [] }),
  );
  const imported = presentAnswer(await readAnswer(IMPORT_FORM), reader.locale, {
    statement_unreadable: "file",
  });
  const decided = presentDecision(await readAnswer(DECIDE_FORM), reader.locale);
  return {
    title: translator(reader.locale, "statements")("title"),
    failed: imported.problems.length + decided.problems.length > 0,
    section: "statements",
    body: (
      <StatementDeskPage
        desk={desk}
        reader={reader}
        limitBytes={STATEMENT_MAX_BYTES}
        notes={notes.success ? notes.data : []}
        isAgain={query("again") === "1"}
        isDecided={query("decided") === "1"}
        imported={imported}
        decided={decided}
        decide={decide}
      />
    ),
  };
});

/** Whose balance it is that does not hold enough is not the reader. */
function presentDecision(answer: FormAnswer | null, locale: Locale): PresentedAnswer {
  const presented = presentAnswer(answer, locale, {
    customer_unknown: "customer",
    decision_not_possible: "decision",
  });
  if (answer?.code !== "balance_insufficient") return presented;
  const text = translator(locale, "statements")("notOnBalance", answer.arguments);
  return { ...presented, problems: [{ field: "customer", text }] };
}
