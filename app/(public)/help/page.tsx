import { framed } from "#app/frame.tsx";
import { HelpView } from "#components/help/help-view.tsx";
import { env } from "#lib/config/env.ts";
import { translator } from "#lib/i18n/translator.ts";

export default framed(async ({ reader }) => {
  const { SUPPORT_EMAIL, SUPPORT_PHONE } = env();
  return {
    title: translator(reader.locale, "help")("title"),
    section: "help",
    body: (
      <HelpView
        locale={reader.locale}
        email={SUPPORT_EMAIL ?? null}
        phone={SUPPORT_PHONE ?? null}
      />
    ),
  };
});
