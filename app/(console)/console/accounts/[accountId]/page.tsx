import { notFound } from "next/navigation";
import { framed } from "#app/frame.tsx";
import { AccountPage } from "#components/console/account-page.tsx";
import { SearchForm } from "#components/console/search-form.tsx";
import { requireStaff } from "#lib/access/session.ts";
import { getAccountOverview } from "#lib/services/console/get-account-overview.ts";
import { AccountIdInput } from "#lib/services/console/schemas.ts";
import { valueOf } from "#lib/web/value-of.ts";

export default framed<{ accountId: string }>(async ({ params, reader }) => {
  const staff = await requireStaff();
  const input = AccountIdInput.safeParse(params);
  if (!input.success) notFound();
  const account = valueOf(await getAccountOverview(staff, input.data));
  return {
    title: account.name,
    section: "search",
    body: (
      <div className="stack">
        <SearchForm locale={reader.locale} query="" title={false} />
        <AccountPage account={account} reader={reader} />
      </div>
    ),
  };
});
