import type { ReactNode } from "react";
import type { Locale } from "#lib/domain/locale.ts";
import { translator } from "#lib/i18n/translator.ts";

/** The way to the pages before and after this one of a list; nothing when there is only one. */
export function Pager(props: {
  readonly locale: Locale;
  readonly page: number;
  readonly pages: number;
  readonly href: (page: number) => string;
}): ReactNode {
  const { page, pages } = props;
  const t = translator(props.locale, "pager");
  if (pages < 2) return null;
  return (
    <nav className="row between" aria-label={t("label")}>
      <span>{page > 1 && <a href={props.href(page - 1)}>{t("previous")}</a>}</span>
      <span className="soft">{t("page", { page, pages })}</span>
      <span>{page < pages && <a href={props.href(page + 1)}>{t("next")}</a>}</span>
    </nav>
  );
}
