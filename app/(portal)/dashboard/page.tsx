import { framed } from "#app/frame.tsx";
import { DashboardView } from "#components/account/dashboard-view.tsx";
import { requireCustomer } from "#lib/access/session.ts";
import { translator } from "#lib/i18n/translator.ts";
import { getDashboard } from "#lib/services/account/get-dashboard.ts";
import { businessTime } from "#lib/web/now.ts";
import { valueOf } from "#lib/web/value-of.ts";

export default framed(async ({ reader }) => {
  const dashboard = valueOf(await getDashboard(await requireCustomer()));
  return {
    title: translator(reader.locale, "dashboard")("title"),
    section: "overview",
    body: <DashboardView dashboard={dashboard} reader={reader} now={businessTime()} />,
  };
});
