import type { ReactNode } from "react";
import { ErrorSummary, problemAt, type FormProblem } from "#components/forms/error-summary.tsx";
import { Field } from "#components/forms/field.tsx";
import type { Locale } from "#lib/domain/locale.ts";
import { translator } from "#lib/i18n/translator.ts";

/** E-mail and password. Password managers and pasting are welcome. */
export function SignInForm(props: {
  readonly locale: Locale;
  readonly action: (data: FormData) => Promise<void>;
  readonly problems: readonly FormProblem[];
  readonly values: Readonly<Record<string, string>>;
  readonly next: string;
  readonly contact: string | null;
}): ReactNode {
  const t = translator(props.locale, "signIn");
  return (
    <div className="stack narrow">
      <ErrorSummary locale={props.locale} problems={props.problems} />
      <div>
        <h1>{t("title")}</h1>
        <p className="soft">{t("lead")}</p>
      </div>
      <form action={props.action} noValidate className="stack">
        <input type="hidden" name="next" value={props.next} />
        <Field
          name="email"
          label={t("email")}
          type="email"
          value={props.values["email"]}
          autoComplete="username"
          problem={problemAt(props.problems, "email")}
        />
        <Field
          name="password"
          label={t("password")}
          type="password"
          autoComplete="current-password"
          problem={problemAt(props.problems, "password")}
        />
        <button className="btn">{t("submit")}</button>
      </form>
      {props.contact !== null && (
        <p className="small soft">{t("cannot", { contact: props.contact })}</p>
      )}
    </div>
  );
}
