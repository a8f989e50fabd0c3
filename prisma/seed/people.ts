import { Books } from "./books.ts";
import { addPerson, type Setting } from "./person.ts";
import { emptyRows, type SeedRows } from "./rows.ts";
import { tellEmma } from "./stories/emma.ts";
import { tellLin } from "./stories/lin.ts";
import { tellNoor } from "./stories/noor.ts";
import { tellOmar } from "./stories/omar.ts";
import { tellSato } from "./stories/sato.ts";

/** The password of everybody in the demo. */
export const DEMO_PASSWORD = "renew-me-anywhere-2026";

/** Everybody of the demo with all they have, at one moment. The same for the same arguments. */
export function tellPeople(facts: Omit<Setting, "rows" | "books">): SeedRows {
  const rows = emptyRows();
  const setting: Setting = { ...facts, rows, books: new Books(rows) };
  tellLin(setting);
  tellEmma(setting);
  tellSato(setting);
  tellNoor(setting);
  tellOmar(setting);
  addPerson(setting, {
    key: "new",
    name: "Robin Weber",
    phone: null,
    locale: "en",
    timeZone: "Europe/Paris",
    currency: "EUR",
    countryCode: "FR",
    sinceDays: 1,
  });
  addStaff(setting);
  return rows;
}

function addStaff(setting: Setting): void {
  const common = {
    phone: null,
    timeZone: "Asia/Shanghai",
    currency: "CNY",
    countryCode: "CN",
    sinceDays: 200,
  } as const;
  addPerson(setting, {
    ...common,
    key: "support",
    role: "support",
    name: "陈思远",
    locale: "zh-CN",
  });
  addPerson(setting, {
    ...common,
    key: "lead",
    role: "lead",
    name: "Maya Lindqvist",
    locale: "en",
  });
  addPerson(setting, {
    ...common,
    key: "admin",
    role: "administrator",
    name: "Jonas Okafor",
    locale: "en",
  });
}
