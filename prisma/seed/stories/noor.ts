import { Line } from "../line.ts";
import { addOrder } from "../order-story.ts";
import { addPerson, openBalance, type Setting } from "../person.ts";

/** Somebody who comes back to an eSIM that has expired, with nothing left on the balance. */
export function tellNoor(setting: Setting): void {
  const noor = addPerson(setting, {
    key: "noor",
    name: "Noor Al Hashimi",
    phone: "+971500000001",
    locale: "en",
    timeZone: "Asia/Dubai",
    currency: "USD",
    countryCode: "AE",
    sinceDays: 40,
  });
  openBalance(noor, 1_490n);
  const { clock } = noor;

  const line = new Line(noor, {
    key: "noor gulf",
    label: "Gulf",
    area: "GCC",
    createdAt: clock.at(-36, "17:15"),
    profileState: "enabled",
    networkState: "expired",
    lastCountryCode: "AE",
    figuresMinutesOld: 110,
  });
  line.grant("gcc-6gb-15d", clock.at(-36, "18:00"));
  line.useUntil(clock.at(-22, "12:04"), 480_000_000n);
  addOrder(line, {
    key: "noor renewal",
    plan: "gcc-6gb-15d",
    placedAt: clock.at(-22, "12:04"),
    method: "balance",
    phase: "live",
  });
  line.finish();
}
