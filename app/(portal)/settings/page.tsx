import { framed } from "#app/frame.tsx";
import { SettingsView } from "#components/account/settings-view.tsx";
import { requireCustomer } from "#lib/access/session.ts";
import { translator } from "#lib/i18n/translator.ts";
import { getBilling } from "#lib/services/billing/get-billing.ts";
import { listSavedMethods } from "#lib/services/saved-method/list-saved-methods.ts";
import { readAnswer } from "#lib/web/form-answer.ts";
import { businessTime } from "#lib/web/now.ts";
import { presentAnswer } from "#lib/web/present-answer.ts";
import { valueOf } from "#lib/web/value-of.ts";
import { submitBilling, submitRemoval } from "./actions.ts";
import { BILLING_FORM, SAVED_METHODS_FORM } from "./form.ts";

/** Billing and delivery details, and saved ways to pay. */
export default framed(async ({ reader, query }) => {
  const customer = await requireCustomer();
  const [billing, methods] = await Promise.all([getBilling(customer), listSavedMethods(customer)]);
  const answer = (await readAnswer(BILLING_FORM)) ?? (await readAnswer(SAVED_METHODS_FORM));
  const { problems, values } = presentAnswer(answer, reader.locale, {});
  const done = query("done");
  return {
    title: translator(reader.locale, "settings")("title"),
    failed: problems.length > 0,
    section: "settings",
    body: (
      <SettingsView
        billing={valueOf(billing)}
        methods={valueOf(methods)}
        reader={reader}
        now={businessTime()}
        problems={problems}
        values={values}
        done={problems.length === 0 && (done === "saved" || done === "removed") ? done : null}
        save={submitBilling}
        remove={submitRemoval}
      />
    ),
  };
});
