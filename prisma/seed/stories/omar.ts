import { addUnplacedTransfer } from "../bank-story.ts";
import { Line } from "../line.ts";
import { addOrder } from "../order-story.ts";
import { addPerson, openBalance, type Person, type Setting } from "../person.ts";
import { gigabytes } from "../plan-row.ts";
import { planByCode } from "../plans.ts";

/**
 * Somebody with many eSIMs and bad luck: every situation that the others are not in can be seen here,
 * above all an order whose outcome nobody knows and one that was refunded.
 */
export function tellOmar(setting: Setting): void {
  const omar = addPerson(setting, {
    key: "omar",
    name: "Omar Haddad",
    phone: "+4915228817386",
    locale: "en",
    timeZone: "Europe/Berlin",
    currency: "EUR",
    countryCode: "DE",
    sinceDays: 95,
  });
  openBalance(omar, 9_000n);
  tellPhone(omar);
  tellWorkLine(omar);
  tellCar(omar);
  tellQuietLines(omar);
}

/** In good order, with a past of every kind. */
function tellPhone(omar: Person): void {
  const { clock } = omar;
  const { now } = omar.setting;
  const line = new Line(omar, {
    key: "omar phone",
    label: "Phone",
    area: "EU",
    createdAt: clock.at(-66, "11:20"),
    profileState: "enabled",
    networkState: "active",
    lastCountryCode: "DE",
    figuresMinutesOld: 62,
  });
  line.grant("eu-5gb-30d", clock.at(-66, "12:00"));
  line.useUntil(clock.at(-37, "09:48"), 260_000_000n);
  addOrder(line, {
    key: "omar phone first renewal",
    plan: "eu-20gb-30d",
    placedAt: clock.at(-37, "09:48"),
    method: "paypal",
    phase: "live",
  });
  line.useUntil(clock.at(-20, "16:05"), gigabytes(9n));
  addOrder(line, {
    key: "omar refunded",
    plan: "eu-extra-3gb",
    placedAt: clock.at(-20, "16:05"),
    method: "paypal",
    phase: "refunded",
  });
  line.useUntil(clock.at(-12, "07:33"), gigabytes(4n));
  addOrder(line, {
    key: "omar refund came back",
    plan: "gb-10gb-30d",
    placedAt: clock.at(-12, "07:33"),
    method: "stripe",
    phase: "refund_delayed",
  });
  line.useUntil(clock.at(-7, "18:51"), gigabytes(1n));
  addOrder(line, {
    key: "omar phone second renewal",
    plan: "eu-20gb-30d",
    placedAt: clock.at(-7, "18:51"),
    method: "balance",
    phase: "live",
  });
  line.useUntil(now, gigabytes(13n));
  addOrder(line, {
    key: "omar on its way",
    plan: "eu-5gb-30d",
    placedAt: clock.minutesAgo(2),
    method: "balance",
    phase: "activating",
  });
  line.finish();
}

/** Ends in two days; the order that should prevent it got no answer. */
function tellWorkLine(omar: Person): void {
  const { clock } = omar;
  const line = new Line(omar, {
    key: "omar work",
    label: "Work line",
    area: "GCC",
    createdAt: clock.at(-13, "08:30"),
    profileState: "enabled",
    networkState: "active",
    lastCountryCode: "QA",
    figuresMinutesOld: 115,
  });
  line.grant("gcc-6gb-15d", clock.at(-13, "11:00"));
  line.useUntil(clock.minutesAgo(100), gigabytes(2n));
  addOrder(line, {
    key: "omar unknown",
    plan: "gcc-6gb-15d",
    placedAt: clock.minutesAgo(100),
    method: "stripe",
    phase: "outcome_unknown",
  });
  line.finish();
}

/** Three orders that wait: for a person, for a provider, for a bank. */
function tellCar(omar: Person): void {
  const { clock } = omar;
  const line = new Line(omar, {
    key: "omar car",
    label: "Car",
    area: "EU",
    createdAt: clock.at(-10, "19:00"),
    profileState: "enabled",
    networkState: "active",
    lastCountryCode: "FR",
    figuresMinutesOld: 80,
  });
  line.grant("eu-20gb-30d", clock.at(-9, "07:00"));
  line.useUntil(clock.minutesAgo(190), gigabytes(12n));
  addOrder(line, {
    key: "omar being checked",
    plan: "eu-5gb-30d",
    placedAt: clock.minutesAgo(190),
    method: "stripe",
    phase: "being_checked",
  });
  addOrder(line, {
    key: "omar bank debit",
    plan: "eu-5gb-30d",
    placedAt: clock.minutesAgo(75),
    method: "stripe",
    phase: "payment_processing",
  });
  addOrder(line, {
    key: "omar refund under way",
    plan: "eu-extra-3gb",
    placedAt: clock.minutesAgo(25),
    method: "stripe",
    phase: "refunding",
  });
  line.finish();
}

/** eSIMs on which nothing happens: each is in a condition of its own. */
function tellQuietLines(omar: Person): void {
  const { clock } = omar;
  const common = { lastCountryCode: null, figuresMinutesOld: 105 };

  const tablet = new Line(omar, {
    ...common,
    key: "omar tablet",
    label: "Tablet",
    area: "EU",
    createdAt: clock.at(-3, "17:02"),
    profileState: "released",
    networkState: "not_active",
  });
  tablet.grant("eu-5gb-30d", clock.at(-3, "17:20"));
  addOrder(tablet, {
    key: "omar transfer",
    plan: "eu-5gb-30d",
    placedAt: clock.at(-2, "18:05"),
    method: "bank_transfer",
    phase: "awaiting_payment",
  });
  // He forgot the reference: staff are shown his order as what may be meant.
  addUnplacedTransfer(omar.setting, {
    key: "omar transfer",
    currency: "EUR",
    amountMinor: planByCode("eu-5gb-30d").prices.EUR,
    name: "HADDAD OMAR",
    text: "eSIM tablet",
    importedAt: clock.at(-1, "08:40"),
  });
  tablet.finish();

  new Line(omar, {
    ...common,
    key: "omar spare",
    label: "Spare",
    area: "GL",
    createdAt: clock.at(-30, "13:00"),
    profileState: "released",
    networkState: "not_active",
  }).finish();

  const japan = new Line(omar, {
    ...common,
    key: "omar japan",
    label: "Trip to Japan",
    area: "JP",
    createdAt: clock.at(-2, "20:10"),
    profileState: "released",
    networkState: "not_active",
  });
  addOrder(japan, {
    key: "omar trip",
    plan: "jp-20gb-30d",
    placedAt: clock.at(-2, "20:31"),
    method: "stripe",
    phase: "scheduled",
    start: { choice: "on_date", startsAt: clock.at(20, "00:00") },
  });
  japan.finish();

  const oldPhone = new Line(omar, {
    ...common,
    key: "omar old phone",
    label: "Old phone",
    area: "EU",
    createdAt: clock.at(-21, "15:00"),
    profileState: "disabled",
    networkState: "suspended",
    lastCountryCode: "DE",
  });
  oldPhone.grant("eu-50gb-90d", clock.at(-20, "15:30"));
  oldPhone.useUntil(clock.at(-3, "12:00"), gigabytes(31n));
  oldPhone.finish();

  const lost = new Line(omar, {
    ...common,
    key: "omar lost phone",
    label: "Lost phone",
    area: "NA",
    createdAt: clock.at(-51, "09:00"),
    profileState: "deleted",
    networkState: "cancelled",
    lastCountryCode: "US",
  });
  lost.grant("na-3gb-15d", clock.at(-50, "16:45"));
  lost.finish();
}
