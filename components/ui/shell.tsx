import type { ReactNode } from "react";
import { LOCALES, type Locale } from "#lib/domain/locale.ts";
import type { Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";

/** A language calls itself by its own name. */
const OWN_NAMES: Readonly<Record<Locale, string>> = { en: "English", "zh-CN": "中文" };

export type Section =
  | "overview"
  | "balance"
  | "orders"
  | "history"
  | "settings"
  | "plans"
  | "help"
  | "search"
  | "attention"
  | "statements"
  | "reconciliation"
  | "signIn";

export interface ShellProps {
  readonly reader: Reader;
  readonly brand: string;
  readonly person: { readonly name: string; readonly kind: "customer" | "staff" } | null;
  readonly current: Section | null;
  readonly light: boolean;
  /** Address of this page in another language, and with light mode turned on or off. */
  readonly languageHref: (locale: Locale) => string;
  readonly lightHref: (on: boolean) => string;
  readonly support: { readonly email: string | null; readonly phone: string | null };
  readonly signOut: (data: FormData) => Promise<void>;
  readonly children: ReactNode;
}

const CUSTOMER: readonly (readonly [Section, string])[] = [
  ["overview", "/dashboard"],
  ["balance", "/balance"],
  ["orders", "/orders"],
  ["history", "/history"],
  ["settings", "/settings"],
  ["help", "/help"],
];
const STAFF: readonly (readonly [Section, string])[] = [
  ["search", "/console"],
  ["attention", "/console/attention"],
  ["statements", "/console/statements"],
  ["reconciliation", "/console/reconciliation"],
];
const VISITOR: readonly (readonly [Section, string])[] = [
  ["plans", "/plans"],
  ["help", "/help"],
];

/** The frame of every page: where you are, language, light mode, whom to ask. */
export function Shell(props: ShellProps): ReactNode {
  const { reader, person, support } = props;
  const t = translator(reader.locale, "shell");
  const sections = person === null ? VISITOR : person.kind === "staff" ? STAFF : CUSTOMER;
  const home = person === null ? "/" : person.kind === "staff" ? "/console" : "/dashboard";
  return (
    <>
      <a className="skip" href="#main">
        {t("skip")}
      </a>
      <header className="bar">
        <a className="brand" href={home}>
          {props.brand}
        </a>
        <nav aria-label={t("mainNavigation")}>
          {sections.map(([section, href]) => (
            <a
              key={section}
              href={href}
              aria-current={section === props.current ? "page" : undefined}
            >
              {t(section)}
            </a>
          ))}
        </nav>
        <div className="side">
          {LOCALES.filter((locale) => locale !== reader.locale).map((locale) => (
            <a key={locale} href={props.languageHref(locale)} lang={locale} hrefLang={locale}>
              {OWN_NAMES[locale]}
            </a>
          ))}
          {person === null ? (
            props.current !== "signIn" && <a href="/sign-in">{t("signIn")}</a>
          ) : (
            <form action={props.signOut}>
              <button className="link">{t("signOut")}</button>
            </form>
          )}
        </div>
      </header>
      <main id="main">{props.children}</main>
      <footer className="foot">
        <p>
          {props.light ? t("saverOn") : t("saverOff")}{" "}
          <a href={props.lightHref(!props.light)}>
            {props.light ? t("turnSaverOff") : t("turnSaverOn")}
          </a>
        </p>
        {(support.email ?? support.phone) !== null && (
          <p>
            {t("questions")}{" "}
            {support.email !== null && <a href={`mailto:${support.email}`}>{support.email}</a>}
            {support.email !== null && support.phone !== null && " · "}
            {support.phone !== null && (
              <a href={`tel:${support.phone.replace(/[^\d+]/g, "")}`}>{support.phone}</a>
            )}
          </p>
        )}
      </footer>
    </>
  );
}
