import { framed } from "#app/frame.tsx";
import { Catalogue } from "#components/plan/catalogue.tsx";
import type { Actor } from "#lib/access/actor.ts";
import { env } from "#lib/config/env.ts";
import type { Locale } from "#lib/domain/locale.ts";
import { translator } from "#lib/i18n/translator.ts";
import { listPlans } from "#lib/services/plan/list-plans.ts";
import { PlanFilterSchema } from "#lib/services/plan/schemas.ts";
import { withParameter } from "#lib/web/address.ts";

/** So many rows keep the page within the first flight of a connection. */
const PLANS_PER_PAGE = 24;

/** The public catalogue. A customer sees it in the currency of the account, a visitor in one of choice. */
export default framed(async ({ actor, reader, query, pageNumber, view }) => {
  const asked = { term: query("term"), scope: query("scope"), country: query("country") };
  const { term, scope, countryCode } = PlanFilterSchema.shape;
  const currency = currencyFor(actor, query("currency"), reader.locale);
  const all = await listPlans(actor, { currency });
  const plans = await listPlans(actor, {
    currency,
    term: term.safeParse(asked.term).data,
    scope: scope.safeParse(asked.scope).data,
    countryCode: countryCode.safeParse(asked.country).data,
  });
  const countries = new Set(
    all.flatMap((plan) => plan.coverage.map((country) => country.countryCode)),
  );
  const pages = Math.max(1, Math.ceil(plans.length / PLANS_PER_PAGE));
  const page = Math.min(pages, pageNumber);
  return {
    title: translator(reader.locale, "plan")("title"),
    section: "plans",
    body: (
      <Catalogue
        locale={reader.locale}
        plans={plans.slice((page - 1) * PLANS_PER_PAGE, page * PLANS_PER_PAGE)}
        found={plans.length}
        page={page}
        pages={pages}
        pageHref={(to) => withParameter(view.path, "page", String(to))}
        countries={[...countries]}
        filter={asked}
        currency={currency}
        currencies={actor.kind === "visitor" ? env().CURRENCIES : []}
        visitor={actor.kind === "visitor"}
      />
    ),
  };
});

/** A visitor's currency: the one asked for, else that of the language where it has one, else the first. */
function currencyFor(actor: Actor, asked: string | undefined, locale: Locale): string {
  if (actor.kind === "customer") return actor.currency;
  const { CURRENCIES } = env();
  const usual = locale === "zh-CN" ? "CNY" : "USD";
  const wanted = [asked, usual].find((code) => code !== undefined && CURRENCIES.includes(code));
  return wanted ?? CURRENCIES[0] ?? usual;
}
