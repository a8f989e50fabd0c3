import type { ReactNode } from "react";
import { FieldProblemText, problemAt, type FormProblem } from "#components/forms/error-summary.tsx";
import { Choice, Field } from "#components/forms/field.tsx";
import type { BillingField, BillingForm } from "#lib/domain/billing.ts";
import type { Locale } from "#lib/domain/locale.ts";
import { countryName, sortCountries } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";

export interface BillingFieldsProps {
  readonly form: BillingForm;
  readonly locale: Locale;
  readonly problems: readonly FormProblem[];
  /** What was typed before the form was refused. */
  readonly values: Readonly<Record<string, string>>;
}

type TextField = Exclude<BillingField, "billingKind" | "countryCode">;

const ATTRIBUTES: Readonly<
  Record<TextField, { readonly autoComplete: string; readonly type?: "email" | "tel" }>
> = {
  billingName: { autoComplete: "billing name" },
  companyName: { autoComplete: "billing organization" },
  taxNumber: { autoComplete: "off" },
  line1: { autoComplete: "billing address-line1" },
  line2: { autoComplete: "billing address-line2" },
  city: { autoComplete: "billing address-level2" },
  region: { autoComplete: "billing address-level1" },
  postalCode: { autoComplete: "billing postal-code" },
  deliveryEmail: { autoComplete: "email", type: "email" },
  deliveryPhone: { autoComplete: "tel", type: "tel" },
};

/** From the small to the large, as English addresses are written; Chinese ones go the other way. */
const ADDRESS: Readonly<Record<Locale, readonly (TextField | "countryCode")[]>> = {
  en: ["line1", "line2", "city", "region", "postalCode", "countryCode"],
  "zh-CN": ["countryCode", "region", "city", "line1", "line2", "postalCode"],
};

/** Who buys, for whom documents are made out, and where messages go. */
export function BillingFields(props: BillingFieldsProps): ReactNode {
  const { locale, problems } = props;
  const t = translator(locale, "billing");
  const text = (name: TextField, hint?: string): ReactNode => (
    <TextInput key={name} name={name} {...props} {...(hint === undefined ? {} : { hint })} />
  );
  return (
    <div className="stack billing">
      <fieldset className="options" id="billingKind">
        <legend className="small">{t("kind")}</legend>
        <FieldProblemText id="billingKind" text={problemAt(problems, "billingKind")} />
        {(["private", "company"] as const).map((kind) => (
          <label className="tick" key={kind}>
            <input
              type="radio"
              name="billingKind"
              value={kind}
              defaultChecked={valueOf(props, "billingKind") === kind}
            />
            <span>{t(kind)}</span>
          </label>
        ))}
      </fieldset>
      <div className="stack company">
        {text("companyName")}
        {text("taxNumber", t("taxNumberHint"))}
        <p className="small soft">{t("companyHint")}</p>
      </div>
      <h3>{t("address")}</h3>
      {text("billingName")}
      {ADDRESS[locale].map((name) =>
        name === "countryCode" ? <Country key={name} {...props} /> : text(name),
      )}
      <h3>{t("delivery")}</h3>
      {text("deliveryEmail", t("emailHint"))}
      {text("deliveryPhone", t("phoneHint"))}
    </div>
  );
}

function TextInput(
  props: BillingFieldsProps & { readonly name: TextField; readonly hint?: string },
): ReactNode {
  const { name, hint } = props;
  const { autoComplete, type = "text" } = ATTRIBUTES[name];
  return (
    <Field
      name={name}
      label={translator(props.locale, "field")(`name.${name}`)}
      type={type}
      {...(type === "text" ? {} : { inputMode: type })}
      value={valueOf(props, name)}
      problem={problemAt(props.problems, name)}
      autoComplete={autoComplete}
      maxLength={props.form.lengths[name]}
      {...(hint === undefined ? {} : { hint })}
    />
  );
}

/** Chosen by who is in none of the operator's usual countries: then the list is a whole one. */
const ANOTHER = "other";

function Country(props: BillingFieldsProps): ReactNode {
  const { form, locale } = props;
  const value = valueOf(props, "countryCode");
  const isUsual = form.usualCountryCodes.includes(value);
  const codes = isUsual ? form.usualCountryCodes : form.countryCodes;
  const options = sortCountries(codes, locale).map(
    (code) => [code, countryName(code, locale)] as const,
  );
  return (
    <Choice
      name="countryCode"
      label={translator(locale, "field")("name.countryCode")}
      value={value === ANOTHER ? "" : value}
      problem={problemAt(props.problems, "countryCode")}
      autoComplete="billing country"
      options={
        isUsual ? [...options, [ANOTHER, translator(locale, "billing")("anotherCountry")]] : options
      }
      {...(value === ANOTHER ? { any: "" } : {})}
    />
  );
}

function valueOf({ values, form }: BillingFieldsProps, field: BillingField): string {
  return values[field] ?? form.values[field];
}

/**
 * One line that says what is known, and a button that opens the fields: nobody loads them who has nothing to
 * change. Open when asked for, and as long as something in them was typed.
 */
export function BillingSection(
  props: BillingFieldsProps & { readonly children?: ReactNode },
): ReactNode {
  const { form, locale, values } = props;
  const t = translator(locale, "billing");
  const isOpen = values["intent"] === "billing" || values["billingKind"] !== undefined;
  return (
    <section className="card stack" aria-labelledby="billing-title" id="billing">
      <div className="row between">
        <h2 id="billing-title">{t("title")}</h2>
        {!isOpen && (
          <button className="btn quiet small" name="intent" value="billing">
            {t(form.values.line1 === "" ? "add" : "change")}
          </button>
        )}
      </div>
      {isOpen ? (
        <>
          {form.values.line1 === "" && <p className="small soft">{t("optional")}</p>}
          <BillingFields {...props} />
          <p className="small soft">{t("keep")}</p>
          {props.children}
        </>
      ) : (
        <p className="small soft">{summaryText(form, locale)}</p>
      )}
    </section>
  );
}

function summaryText({ values }: BillingForm, locale: Locale): string {
  const t = translator(locale, "billing");
  const { billingKind, companyName, billingName, city, countryCode } = values;
  const name = billingKind === "company" ? companyName : billingName;
  const facts = { name, email: values.deliveryEmail };
  if (values.line1 === "") return t("summary", facts);
  const place = [city, countryName(countryCode, locale)].filter((part) => part !== "");
  return t("summaryAddress", {
    ...facts,
    place: place.join(translator(locale, "words")("listSeparator")),
  });
}
