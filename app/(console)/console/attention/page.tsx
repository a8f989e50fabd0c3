import { framed } from "#app/frame.tsx";
import { AttentionPage } from "#components/console/attention-page.tsx";
import { requireStaff } from "#lib/access/session.ts";
import { translator } from "#lib/i18n/translator.ts";
import { listAttention } from "#lib/services/console/list-attention.ts";
import { valueOf } from "#lib/web/value-of.ts";

/** What waits for a person. */
export default framed(async ({ reader, query, pageNumber }) => {
  const staff = await requireStaff();
  const list = valueOf(await listAttention(staff, { page: pageNumber }));
  return {
    title: translator(reader.locale, "attention")("title"),
    section: "attention",
    body: <AttentionPage list={list} reader={reader} isDone={query("done") === "1"} />,
  };
});
