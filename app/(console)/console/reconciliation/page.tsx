import { framed } from "#app/frame.tsx";
import { ReconciliationPage } from "#components/console/reconciliation-page.tsx";
import { requireStaff } from "#lib/access/session.ts";
import { translator } from "#lib/i18n/translator.ts";
import { getReconciliation } from "#lib/services/reconciliation/get-reconciliation.ts";
import { readAnswer } from "#lib/web/form-answer.ts";
import { presentAnswer } from "#lib/web/present-answer.ts";
import { valueOf } from "#lib/web/value-of.ts";
import { compareNow, resolve } from "./actions.ts";
import { COMPARE_FORM, RESOLVE_FORM } from "./form.ts";

/** Where the books and everybody else differ, what to do about it, and the runs that found it. */
export default framed(async ({ reader, query }) => {
  const staff = await requireStaff();
  const overview = valueOf(await getReconciliation(staff));
  const compared = presentAnswer(await readAnswer(COMPARE_FORM), reader.locale, {});
  const resolved = presentAnswer(await readAnswer(RESOLVE_FORM), reader.locale, {});
  return {
    title: translator(reader.locale, "reconciliation")("title"),
    failed: compared.problems.length + resolved.problems.length > 0,
    section: "reconciliation",
    body: (
      <ReconciliationPage
        overview={overview}
        reader={reader}
        isResolved={query("resolved") === "1"}
        compared={compared}
        resolved={resolved}
        compareNow={compareNow}
        resolve={resolve}
      />
    ),
  };
});
