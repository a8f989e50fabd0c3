import { Line } from "../line.ts";
import { addOrder } from "../order-story.ts";
import { addPerson, keepBilling, openBalance, type Setting } from "../person.ts";

/** Somebody who has bought ahead: a period waits behind the one that runs. */
export function tellSato(setting: Setting): void {
  const sato = addPerson(setting, {
    key: "sato",
    name: "Sato Haruka",
    phone: "+819000000001",
    locale: "en",
    timeZone: "Asia/Tokyo",
    currency: "JPY",
    countryCode: "JP",
    sinceDays: 60,
  });
  openBalance(sato, 10_000n);
  const { clock } = sato;
  const company = {
    kind: "company",
    companyName: "Sato Design K.K.",
    taxNumber: "T5835678256246",
    line1: "2-11-3 Meguro",
    city: "Meguro-ku",
    region: "Tokyo",
    postalCode: "153-0063",
  } as const;
  keepBilling(sato, company, clock.at(-40, "09:10"));

  const line = new Line(sato, {
    key: "sato japan",
    label: "Tokyo",
    area: "JP",
    createdAt: clock.at(-48, "08:20"),
    profileState: "enabled",
    networkState: "active",
    lastCountryCode: "JP",
    figuresMinutesOld: 95,
  });
  line.grant("jp-10gb-30d", clock.at(-48, "09:00"));
  line.useUntil(clock.at(-19, "20:45"), 700_000_000n);
  addOrder(line, {
    key: "sato renewal",
    plan: "jp-10gb-30d",
    placedAt: clock.at(-19, "20:45"),
    method: "stripe",
    phase: "live",
  });
  line.useUntil(clock.at(-1, "19:12"), 4_900_000_000n);
  addOrder(line, {
    key: "sato bought ahead",
    plan: "jp-20gb-30d",
    placedAt: clock.at(-1, "19:12"),
    method: "balance",
    phase: "scheduled",
  });
  line.useUntil(setting.now, 4_509_715_660n);
  line.finish();
}
