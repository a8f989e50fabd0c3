import type { ReactNode } from "react";
import { framed, type PageContent, type PageRequest } from "#app/frame.tsx";
import { Checkout } from "#components/order/checkout.tsx";
import { NoPlans } from "#components/order/no-plans.tsx";
import { Offers } from "#components/order/offers.tsx";
import { RenewRefused } from "#components/order/renew-refused.tsx";
import type { Customer } from "#lib/access/actor.ts";
import { requireCustomer } from "#lib/access/session.ts";
import { env } from "#lib/config/env.ts";
import type { RefusalCode } from "#lib/domain/refusal.ts";
import { refusalText } from "#lib/i18n/refusal.ts";
import { translator } from "#lib/i18n/translator.ts";
import { getEsim } from "#lib/services/esim/get-esim.ts";
import { listPlanOffers } from "#lib/services/order/list-plan-offers.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import { QuoteOrderInput } from "#lib/services/order/schemas.ts";
import { PlanFilterSchema } from "#lib/services/plan/schemas.ts";
import { readAnswer, type FormAnswer } from "#lib/web/form-answer.ts";
import { businessTime } from "#lib/web/now.ts";
import { presentAnswer } from "#lib/web/present-answer.ts";
import { valueOf } from "#lib/web/value-of.ts";
import { submitRenewal } from "./actions.ts";
import { RENEW_FIELDS, RENEW_FORM, typedBilling } from "./form.ts";

type RenewRequest = PageRequest<{ iccid: string }>;

/** Step 1, choose a plan, without one in the address; step 2, check and pay, with one. */
export default framed<{ iccid: string }>(async (request) => {
  const customer = await requireCustomer();
  return request.query("plan") === undefined
    ? await choosePlan(request, customer)
    : await checkAndPay(request, customer);
});

async function choosePlan(request: RenewRequest, customer: Customer): Promise<PageContent> {
  const { reader, query, params } = request;
  const asked = { term: query("term"), scope: query("scope"), country: query("country") };
  // What somebody typed into the address and is no filter, narrows nothing.
  const { term, scope, countryCode } = PlanFilterSchema.shape;
  const offers = await listPlanOffers(customer, {
    iccid: params.iccid,
    term: term.safeParse(asked.term).data,
    scope: scope.safeParse(asked.scope).data,
    countryCode: countryCode.safeParse(asked.country).data,
  });
  const t = translator(reader.locale, "renew");
  if (offers.ok && offers.value.countries.length === 0) {
    return { title: t("title"), section: "overview", body: await noPlans(request, customer) };
  }
  return {
    title: t("title"),
    section: "overview",
    body:
      !offers.ok && offers.refusal.code === "carrier_unavailable" ? (
        <RenewRefused
          locale={reader.locale}
          text={t("unavailable")}
          back={`/esims/${params.iccid}`}
          again={request.view.path}
        />
      ) : (
        <Offers {...valueOf(offers)} filter={asked} reader={reader} now={businessTime()} />
      ),
  };
}

/** The carrier takes no plan for this eSIM, whatever is chosen: say why, and what is possible instead. */
async function noPlans({ reader, params }: RenewRequest, customer: Customer): Promise<ReactNode> {
  const esim = valueOf(await getEsim(customer, params));
  return (
    <NoPlans
      locale={reader.locale}
      iccid={esim.iccid}
      label={esim.label}
      isExpired={esim.condition === "expired"}
      contact={env().SUPPORT_EMAIL ?? null}
    />
  );
}

async function checkAndPay(request: RenewRequest, customer: Customer): Promise<PageContent> {
  const { reader, query, params } = request;
  const esim = valueOf(await getEsim(customer, params));
  const input = QuoteOrderInput.safeParse({
    iccid: params.iccid,
    planCode: query("plan"),
    startChoice: query("start"),
    startsOn: query("on"),
  });
  let answer = await readAnswer(RENEW_FORM);
  const billing = typedBilling(answer?.values ?? {});
  let quote = await quoteOrder(customer, {
    ...(input.success ? input.data : { iccid: params.iccid, planCode: query("plan") ?? "" }),
    billing,
  });
  if (!quote.ok && quote.refusal.code === "start_not_possible" && input.success) {
    // The plan itself is fine: show it with its usual start, and say what was wrong with the other.
    answer ??= answerTo("start_not_possible");
    const { iccid, planCode } = input.data;
    quote = await quoteOrder(customer, { iccid, planCode, billing });
  }
  const title = translator(reader.locale, "checkout")("title");
  if (!quote.ok) {
    return {
      title,
      failed: true,
      section: "overview",
      body: (
        <RenewRefused
          locale={reader.locale}
          text={refusalText(quote.refusal.code, {}, reader.locale)}
          back={`/esims/${params.iccid}/renew`}
          again={quote.refusal.code === "carrier_unavailable" ? request.view.path : null}
        />
      ),
    };
  }
  const { problems, values } = presentAnswer(answer, reader.locale, RENEW_FIELDS);
  return {
    title,
    failed: problems.length > 0,
    section: "overview",
    body: (
      <Checkout
        quote={quote.value}
        reader={reader}
        now={businessTime()}
        action={submitRenewal}
        problems={problems}
        values={values}
        lastCountryCode={esim.lastCountryCode}
      />
    ),
  };
}

function answerTo(code: RefusalCode): FormAnswer {
  return { form: RENEW_FORM, code, arguments: {}, fields: {}, values: {} };
}
