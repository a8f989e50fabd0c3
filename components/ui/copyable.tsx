import type { ReactNode } from "react";
import type { Locale } from "#lib/domain/locale.ts";
import { translator } from "#lib/i18n/translator.ts";

/**
 * A value to take along. It can be selected with one tap; a script puts a copy button beside it, so
 * that nobody sees a button that does nothing.
 */
export function Copyable({
  value,
  shown = value,
  name,
  locale,
}: {
  readonly value: string;
  /** The same as people read it, in groups or with a currency's sign. */
  readonly shown?: string;
  readonly name: string;
  readonly locale: Locale;
}): ReactNode {
  const t = translator(locale, "install");
  return (
    <span className="row">
      <span className="code">{shown}</span>
      <span
        className="row"
        data-copy={value}
        data-label={t("copy")}
        data-name={`${t("copy")} ${name}`}
        data-done={t("copied")}
        // Marked as filled from elsewhere: the framework then leaves what the script puts here alone.
        dangerouslySetInnerHTML={{ __html: "" }}
      />
    </span>
  );
}
