import { Line } from "../line.ts";
import { addOrder } from "../order-story.ts";
import { addTopUp } from "../top-up-story.ts";
import { addPerson, openBalance, type Setting } from "../person.ts";

/** Somebody in Asia whose data is almost gone, with a balance that is enough for several renewals. */
export function tellLin(setting: Setting): void {
  const lin = addPerson(setting, {
    key: "lin",
    name: "林晓雨",
    phone: "+8613800138000",
    locale: "zh-CN",
    timeZone: "Asia/Shanghai",
    currency: "CNY",
    countryCode: "CN",
    sinceDays: 131,
  });
  openBalance(lin, 30_400n);
  const { clock } = lin;
  addTopUp(lin, { key: "lin top-up", placedAt: clock.at(-60, "09:48"), amountMinor: 20_000n });

  const line = new Line(lin, {
    key: "lin asia",
    label: "亚洲出行",
    area: "AS",
    createdAt: clock.at(-117, "18:40"),
    profileState: "enabled",
    networkState: "active",
    lastCountryCode: "JP",
    figuresMinutesOld: 55,
  });
  // Every period of thirty days ends at 23:59, the last one three days from today.
  line.grant("as-5gb-30d", clock.at(-117, "23:59"));
  line.useUntil(clock.at(-88, "20:14"), 350_000_000n);
  addOrder(line, {
    key: "lin first renewal",
    plan: "as-10gb-30d",
    placedAt: clock.at(-88, "20:14"),
    method: "stripe",
    phase: "live",
  });
  line.useUntil(clock.at(-58, "08:31"), 1_200_000_000n);
  addOrder(line, {
    key: "lin second renewal",
    plan: "as-10gb-30d",
    placedAt: clock.at(-58, "08:31"),
    method: "balance",
    phase: "live",
  });
  line.useUntil(clock.at(-28, "21:07"), 640_000_000n);
  addOrder(line, {
    key: "lin third renewal",
    plan: "as-10gb-30d",
    placedAt: clock.at(-28, "21:07"),
    method: "balance",
    phase: "live",
  });
  line.useUntil(clock.at(-4, "19:40"), 1_460_000_000n);
  addOrder(line, {
    key: "lin declined card",
    plan: "as-20gb-30d-fresh",
    placedAt: clock.at(-4, "19:40"),
    method: "stripe",
    phase: "payment_failed",
  });
  // 0.8 GB.
  line.useUntil(setting.now, 858_993_459n);
  addOrder(line, {
    key: "lin open page",
    plan: "as-30gb-90d",
    placedAt: clock.minutesAgo(42),
    method: "stripe",
    phase: "awaiting_payment",
  });
  line.finish();
}
