import { Line } from "../line.ts";
import { addOrder } from "../order-story.ts";
import { addPerson, keepBilling, keepCard, openBalance, type Setting } from "../person.ts";
import { gigabytes } from "../plan-row.ts";

/** Somebody with a year paid for at home, and a roaming eSIM that is used up. */
export function tellEmma(setting: Setting): void {
  const emma = addPerson(setting, {
    key: "emma",
    name: "Emma Clarke",
    phone: "+447700900123",
    locale: "en",
    timeZone: "Europe/London",
    currency: "GBP",
    countryCode: "GB",
    sinceDays: 172,
  });
  openBalance(emma, 4_500n);
  const { clock } = emma;
  const paidAt = clock.at(-143, "18:25");
  keepBilling(
    emma,
    { kind: "private", line1: "27 Chapel Market", city: "London", postalCode: "N1 9EZ" },
    paidAt,
  );
  // As Stripe's stand-in makes its cards.
  keepCard(emma, `${setting.now.getUTCFullYear() + 3}-12`, paidAt);

  const home = new Line(emma, {
    key: "emma home",
    label: "Phone at home",
    area: "GB",
    createdAt: clock.at(-170, "09:51"),
    profileState: "enabled",
    networkState: "active",
    lastCountryCode: "GB",
    figuresMinutesOld: 70,
  });
  home.grant("gb-10gb-30d", clock.at(-170, "10:05"));
  home.useUntil(clock.at(-143, "18:22"), 1_900_000_000n);
  addOrder(home, {
    key: "emma year",
    plan: "gb-300gb-365d",
    placedAt: clock.at(-143, "18:22"),
    method: "stripe",
    phase: "live",
  });
  home.useUntil(setting.now, gigabytes(188n));
  home.finish();

  const roaming = new Line(emma, {
    key: "emma roaming",
    label: "Roaming",
    area: "NA",
    createdAt: clock.at(-13, "21:30"),
    profileState: "enabled",
    networkState: "depleted",
    lastCountryCode: "US",
    figuresMinutesOld: 48,
  });
  roaming.grant("na-10gb-30d", clock.at(-12, "14:30"));
  roaming.useUntil(clock.at(-1, "22:10"), 0n);
  addOrder(roaming, {
    key: "emma left the page",
    plan: "na-extra-3gb",
    placedAt: clock.at(-1, "22:10"),
    method: "stripe",
    phase: "payment_expired",
  });
  roaming.finish();
}
