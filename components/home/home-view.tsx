import type { ReactNode } from "react";
import { formatDay, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";

const DAY_MS = 86_400_000;

/** What the portal is, and the way in. */
export function HomeView({
  reader,
  home,
  now,
}: {
  readonly reader: Reader;
  /** Where somebody who is signed in goes on; null for visitors. */
  readonly home: string | null;
  readonly now: Date;
}): ReactNode {
  const t = translator(reader.locale, "home");
  const until = (days: number): string =>
    t("exampleUntil", { date: formatDay(new Date(now.getTime() + days * DAY_MS), reader, now) });
  const reasons = [
    [t("beforeAfterTitle"), t("beforeAfter")],
    [t("promiseTitle"), t("promise")],
    [t("onceTitle"), t("once")],
    [t("lightTitle"), t("light")],
  ] as const;
  return (
    <>
      <div className="hero">
        <div className="stack">
          <h1>{t("headline")}</h1>
          <p className="lead soft">{t("lead")}</p>
          <p className="row">
            {home === null ? (
              <a className="btn" href="/sign-in">
                {t("signIn")}
              </a>
            ) : (
              <a className="btn" href={home}>
                {t("toDashboard")}
              </a>
            )}
            <a className="btn quiet" href="/plans">
              {t("seePlans")}
            </a>
          </p>
        </div>
        <figure className="card stack">
          <figcaption className="small soft">{t("example")}</figcaption>
          <div className="change">
            <div>
              <p className="soft">{t("exampleNow")}</p>
              <b>0.8 GB</b>
              <p>{until(3)}</p>
            </div>
            <span aria-hidden>→</span>
            <div>
              <p className="soft">{t("exampleAfter")}</p>
              <b>10.8 GB</b>
              <p>{until(33)}</p>
            </div>
          </div>
        </figure>
      </div>
      <div className="three">
        {reasons.map(([title, text]) => (
          <section key={title} className="tight">
            <h2>{title}</h2>
            <p className="soft small">{text}</p>
          </section>
        ))}
      </div>
    </>
  );
}
