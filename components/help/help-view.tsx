import type { ReactNode } from "react";
import { Facts } from "#components/ui/facts.tsx";
import type { Locale } from "#lib/domain/locale.ts";
import { translator } from "#lib/i18n/translator.ts";

/** Frequent questions, and how to reach a person. */
export function HelpView({
  locale,
  email,
  phone,
}: {
  readonly locale: Locale;
  readonly email: string | null;
  readonly phone: string | null;
}): ReactNode {
  const t = translator(locale, "help");
  return (
    <div className="stack">
      <div>
        <h1>{t("title")}</h1>
        <p className="soft">{t("lead")}</p>
      </div>
      <div className="cols">
        <div className="stack">
          <Questions
            title={t("renewing")}
            items={[
              [t("q1"), t("a1")],
              [t("q3"), t("a3")],
              [t("q4"), t("a4")],
              [t("q5"), t("a5")],
              [t("q6"), t("a6")],
            ]}
          />
          <Questions
            title={t("device")}
            items={[
              [t("q2"), t("a2")],
              [t("q7"), t("a7")],
              [t("q8"), t("a8"), "iccid"],
              [t("q9"), t("a9")],
              [t("q10"), t("a10")],
              [t("q11"), t("a11")],
            ]}
          />
        </div>
        <section className="card stack" aria-labelledby="contact">
          <h2 id="contact">{t("contact")}</h2>
          {email === null && phone === null ? (
            <p>{t("noContact")}</p>
          ) : (
            <>
              <p className="small soft">{t("contactText")}</p>
              <Facts
                items={[
                  email === null ? null : [t("email"), <Link key="e" to="mailto" text={email} />],
                  phone === null ? null : [t("phone"), <Link key="p" to="tel" text={phone} />],
                ]}
              />
            </>
          )}
        </section>
      </div>
    </div>
  );
}

function Link({ to, text }: { readonly to: "mailto" | "tel"; readonly text: string }): ReactNode {
  return <a href={`${to}:${to === "tel" ? text.replace(/[^\d+]/g, "") : text}`}>{text}</a>;
}

function Questions({
  title,
  items,
}: {
  readonly title: string;
  /** Question, answer, and a name for links to it. */
  readonly items: readonly (readonly [string, string, string?])[];
}): ReactNode {
  return (
    <section className="card">
      <h2>{title}</h2>
      <div className="faq">
        {items.map(([question, answer, id]) => (
          // What a link leads to has to be open when the browser arrives.
          <details key={question} id={id} open={id !== undefined}>
            <summary>{question}</summary>
            <p>{answer}</p>
          </details>
        ))}
      </div>
    </section>
  );
}
