import { framed } from "#app/frame.tsx";
import { HistoryView } from "#components/history/history-view.tsx";
import { requireCustomer } from "#lib/access/session.ts";
import { translator } from "#lib/i18n/translator.ts";
import { listHistory } from "#lib/services/history/list-history.ts";
import { LooseHistoryInput } from "#lib/services/history/schemas.ts";
import { businessTime } from "#lib/web/now.ts";
import { valueOf } from "#lib/web/value-of.ts";

/** Orders, payments, periods, messages and documents in one list. What cannot be read of a filter is left out. */
export default framed(async ({ reader, query, pageNumber }) => {
  const customer = await requireCustomer();
  const filter = LooseHistoryInput.parse({
    kind: query("kind"),
    from: query("from"),
    to: query("to"),
    iccid: query("iccid"),
  });
  const history = valueOf(await listHistory(customer, { ...filter, page: pageNumber }));
  return {
    title: translator(reader.locale, "history")("title"),
    section: "history",
    body: <HistoryView history={history} filter={filter} reader={reader} now={businessTime()} />,
  };
});
