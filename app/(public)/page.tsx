import { framed, homeOf } from "#app/frame.tsx";
import { HomeView } from "#components/home/home-view.tsx";
import { translator } from "#lib/i18n/translator.ts";
import { businessTime } from "#lib/web/now.ts";

export default framed(async ({ actor, reader }) => ({
  title: translator(reader.locale, "home")("title"),
  section: null,
  body: (
    <HomeView
      reader={reader}
      home={actor.kind === "visitor" ? null : homeOf(actor)}
      now={businessTime()}
    />
  ),
}));
