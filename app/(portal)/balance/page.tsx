import { randomUUID } from "node:crypto";
import { framed } from "#app/frame.tsx";
import { BalanceView } from "#components/account/balance-view.tsx";
import { requireCustomer } from "#lib/access/session.ts";
import { translator } from "#lib/i18n/translator.ts";
import { getStatement } from "#lib/services/balance/get-statement.ts";
import { readAnswer } from "#lib/web/form-answer.ts";
import { businessTime } from "#lib/web/now.ts";
import { presentAnswer } from "#lib/web/present-answer.ts";
import { valueOf } from "#lib/web/value-of.ts";
import { topUp } from "./actions.ts";
import { TOP_UP_FIELDS, TOP_UP_FORM } from "./form.ts";

/** The balance, a top-up, and the statement. */
export default framed(async ({ reader, query, pageNumber }) => {
  const customer = await requireCustomer();
  const statement = valueOf(
    await getStatement(customer, { page: pageNumber, currency: query("currency") }),
  );
  const answer = await readAnswer(TOP_UP_FORM);
  const { problems, values } = presentAnswer(answer, reader.locale, TOP_UP_FIELDS);
  return {
    title: translator(reader.locale, "balance")("title"),
    failed: problems.length > 0,
    section: "balance",
    body: (
      <BalanceView
        statement={statement}
        attemptId={randomUUID()}
        reader={reader}
        now={businessTime()}
        action={topUp}
        problems={problems}
        values={values}
      />
    ),
  };
});
