import type { ReactNode } from "react";
import { BillingFields } from "#components/billing/billing-fields.tsx";
import { ErrorSummary, type FormProblem } from "#components/forms/error-summary.tsx";
import type { BillingForm } from "#lib/domain/billing.ts";
import type { SavedMethodView } from "#lib/domain/saved-method.ts";
import { formatDay, formatMonth, type Reader } from "#lib/i18n/format.ts";
import { methodName } from "#lib/i18n/payment-method.ts";
import { translator } from "#lib/i18n/translator.ts";

interface SettingsProps {
  readonly billing: BillingForm;
  readonly methods: readonly SavedMethodView[];
  readonly reader: Reader;
  readonly now: Date;
  readonly problems: readonly FormProblem[];
  readonly values: Readonly<Record<string, string>>;
  /** What was just done; null: nothing. */
  readonly done: "saved" | "removed" | null;
  readonly save: (data: FormData) => Promise<void>;
  readonly remove: (data: FormData) => Promise<void>;
}

/** Billing and delivery details, and what providers keep for paying. */
export function SettingsView(props: SettingsProps): ReactNode {
  const { reader, done } = props;
  const t = translator(reader.locale, "settings");
  return (
    <div className="stack">
      <ErrorSummary locale={reader.locale} problems={props.problems} />
      <h1>{t("title")}</h1>
      {done !== null && (
        <p className="note" role="status">
          {t(done)}
        </p>
      )}
      <div className="cols">
        <form action={props.save} noValidate className="card stack" aria-labelledby="billing-title">
          <h2 id="billing-title">{t("billing")}</h2>
          <p className="small soft">{t("billingText")}</p>
          <BillingFields
            form={props.billing}
            locale={reader.locale}
            problems={props.problems}
            values={props.values}
          />
          <button className="btn wide">{t("save")}</button>
        </form>
        <Methods {...props} />
      </div>
    </div>
  );
}

function Methods({ methods, reader, now, remove }: SettingsProps): ReactNode {
  const t = translator(reader.locale, "settings");
  return (
    <section className="card stack" aria-labelledby="methods">
      <h2 id="methods">{t("methods")}</h2>
      {methods.length === 0 ? (
        <p className="soft">{t("none")}</p>
      ) : (
        <>
          <p className="small soft">{t("methodsText")}</p>
          <ul className="list">
            {methods.map((method) => (
              <li key={method.id}>
                <span>
                  <b>{method.label}</b>
                  <br />
                  <span className="small soft">{methodText(method, reader, now)}</span>
                </span>
                <form action={remove}>
                  <input type="hidden" name="savedMethodId" value={method.id} />
                  <button
                    className="btn quiet small"
                    aria-label={t("removeNamed", { label: method.label })}
                  >
                    {t("remove")}
                  </button>
                </form>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function methodText(method: SavedMethodView, reader: Reader, now: Date): string {
  const t = translator(reader.locale, "settings");
  const parts = [methodName(method.method, method.methodType, reader.locale)];
  if (method.goodUntil !== null) {
    const month = formatMonth(method.goodUntil, reader.locale);
    parts.push(t(method.isLapsed ? "lapsed" : "goodUntil", { month }));
  }
  parts.push(t("since", { date: formatDay(method.keptAt, reader, now) }));
  return parts.join(translator(reader.locale, "words")("separator"));
}
