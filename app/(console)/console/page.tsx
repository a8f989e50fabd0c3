import { framed } from "#app/frame.tsx";
import { SearchForm, SearchHits } from "#components/console/search-form.tsx";
import { requireStaff } from "#lib/access/session.ts";
import { translator } from "#lib/i18n/translator.ts";
import { SearchAccountsInput } from "#lib/services/console/schemas.ts";
import { searchAccounts } from "#lib/services/console/search-accounts.ts";
import { valueOf } from "#lib/web/value-of.ts";

export default framed(async ({ reader, query }) => {
  const staff = await requireStaff();
  const input = SearchAccountsInput.safeParse({ query: query("query") });
  const found = input.success ? valueOf(await searchAccounts(staff, input.data)) : null;
  return {
    title: translator(reader.locale, "console")("title"),
    section: "search",
    body: (
      <div className="stack">
        <SearchForm locale={reader.locale} query={found?.query ?? ""} title />
        {found !== null && <SearchHits locale={reader.locale} {...found} />}
      </div>
    ),
  };
});
