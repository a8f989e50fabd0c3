import { framed } from "#app/frame.tsx";
import { InstallGuide } from "#components/esim/install-guide.tsx";
import { requireCustomer } from "#lib/access/session.ts";
import { env } from "#lib/config/env.ts";
import { translator } from "#lib/i18n/translator.ts";
import { getEsimInstall } from "#lib/services/esim/get-esim-install.ts";
import { valueOf } from "#lib/web/value-of.ts";

export default framed<{ iccid: string }>(async ({ params, reader }) => {
  const install = valueOf(await getEsimInstall(await requireCustomer(), params));
  return {
    title: translator(reader.locale, "install")("title", { label: install.label }),
    section: "overview",
    body: (
      <InstallGuide
        install={install}
        locale={reader.locale}
        contact={env().SUPPORT_EMAIL ?? env().SUPPORT_PHONE ?? null}
      />
    ),
  };
});
