import type { ReactNode } from "react";
import { QrCode } from "#components/esim/qr-code.tsx";
import { Copyable } from "#components/ui/copyable.tsx";
import type { TransferView } from "#lib/domain/order.ts";
import { formatMoney, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";

/** What goes into the bank's form, to copy or to scan, and what has arrived so far. */
export function TransferInstructions({
  transfer,
  reader,
  qrHref,
}: {
  readonly transfer: TransferView;
  readonly reader: Reader;
  /** Where the code for banking apps is drawn, which is heavy; null: here. */
  readonly qrHref: string | null;
}): ReactNode {
  const { locale } = reader;
  const t = translator(locale, "transfer");
  const { instructions, qrText, missing, received } = transfer;
  const amount = formatMoney(missing, locale);
  return (
    <section className="card stack" aria-labelledby="transfer">
      <h2 id="transfer">{t("title", { amount })}</h2>
      {received.amountMinor > 0n && (
        <p className="note warn">
          {t("received", { received: formatMoney(received, locale), missing: amount })}
        </p>
      )}
      {instructions.length === 0 ? (
        <p className="note warn">{t("noAccount")}</p>
      ) : (
        <>
          <p>{t("lead")}</p>
          <dl className="tight">
            {instructions.map(({ field, shown, copied }) => (
              <div key={field}>
                <dt className="small soft">{t(`field.${field}`)}</dt>
                <dd>
                  <Copyable
                    value={copied}
                    shown={field === "amount" ? formatMoney(missing, locale, "code") : shown}
                    name={t(`field.${field}`)}
                    locale={locale}
                  />
                </dd>
              </div>
            ))}
          </dl>
          {qrText !== null && qrHref !== null && (
            <p>
              <a href={qrHref}>{t("showQr")}</a>
            </p>
          )}
          {qrText !== null && qrHref === null && (
            <div className="tight">
              <p>{t("scan")}</p>
              <QrCode text={qrText} label={t("qrLabel")} />
            </div>
          )}
          <p className="small soft">{t("mailed")}</p>
        </>
      )}
    </section>
  );
}
