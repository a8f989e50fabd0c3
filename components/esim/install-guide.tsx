import type { ReactNode } from "react";
import { Copyable } from "#components/ui/copyable.tsx";
import type { EsimInstall } from "#lib/domain/account.ts";
import type { Locale } from "#lib/domain/locale.ts";
import { translator } from "#lib/i18n/translator.ts";
import { QrCode } from "./qr-code.tsx";

/** Apple's universal link that installs an eSIM on the iPhone it is opened on (iOS 17.4 and later). */
function appleInstallLink(activationCode: string): string {
  return `https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=${encodeURIComponent(activationCode)}`;
}

/** Everything that is needed to put an eSIM on a device, in the order in which it is needed. */
export function InstallGuide({
  install,
  locale,
  contact,
}: {
  readonly install: EsimInstall;
  readonly locale: Locale;
  readonly contact: string | null;
}): ReactNode {
  const t = translator(locale, "install");
  return (
    <div className="stack">
      <div>
        <h1>{t("title", { label: install.label })}</h1>
        <p className="soft">{t("before")}</p>
      </div>
      {install.installed && (
        <section className="note warn">
          <h2>{t("alreadyTitle")}</h2>
          <p className="small">{t("already")}</p>
        </section>
      )}
      <div className="cols flip">
        <section className="card stack" aria-labelledby="scan">
          <h2 id="scan">{t("scan")}</h2>
          <p className="small soft">{t("scanText")}</p>
          <QrCode text={install.activationCode} label={t("qrLabel")} />
          <div>
            <h3>{t("here")}</h3>
            <p className="small soft">{t("iosHint")}</p>
          </div>
          <a className="btn quiet" href={appleInstallLink(install.activationCode)} rel="noreferrer">
            {t("iosLink")}
          </a>
        </section>
        <div className="stack">
          <section className="card stack" aria-labelledby="manual">
            <h2 id="manual">{t("manual")}</h2>
            <Value name={t("smdp")} value={install.smdpAddress} locale={locale} />
            <Value name={t("matchingId")} value={install.matchingId} locale={locale} />
            <Value name={t("full")} value={install.activationCode} locale={locale} />
            {install.confirmationCodeRequired && contact !== null && (
              <p className="note">{t("confirmation", { contact })}</p>
            )}
            {install.apn === null ? (
              <div>
                <h3>{t("apn")}</h3>
                <p>{t("apnAuto")}</p>
              </div>
            ) : (
              <Value name={t("apn")} value={install.apn} locale={locale} />
            )}
            <p className="small soft">{t("apnText")}</p>
          </section>
          <DeviceSteps locale={locale} />
        </div>
      </div>
    </div>
  );
}

function Value({
  name,
  value,
  locale,
}: {
  readonly name: string;
  readonly value: string;
  readonly locale: Locale;
}): ReactNode {
  return (
    <div>
      <h3>{name}</h3>
      <Copyable value={value} name={name} locale={locale} />
    </div>
  );
}

function DeviceSteps({ locale }: { readonly locale: Locale }): ReactNode {
  const t = translator(locale, "install");
  const guides = [
    [t("iphone"), [t("iphone1"), t("iphone2"), t("iphone3")]],
    [t("android"), [t("android1"), t("android2"), t("android3")]],
    [t("trouble"), [t("trouble1"), t("trouble2"), t("trouble3"), t("trouble4")]],
  ] as const;
  return (
    <section className="card" aria-labelledby="steps">
      <h2 id="steps">{t("steps")}</h2>
      <div className="faq">
        {guides.map(([device, steps]) => (
          <details key={device}>
            <summary>{device}</summary>
            <ol className="bullets small">
              {steps.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          </details>
        ))}
      </div>
    </section>
  );
}
