import { randomUUID } from "node:crypto";
import { db } from "#lib/db/client.ts";
import type { Locale } from "#lib/domain/locale.ts";
import type { EsimAccessSeedInput } from "#lib/sandbox/esim-access/seed.ts";
import { Books } from "#prisma/seed/books.ts";
import { Line } from "#prisma/seed/line.ts";
import { addPerson } from "#prisma/seed/person.ts";
import type { PriceCurrency } from "#prisma/seed/plan-row.ts";
import { emptyRows } from "#prisma/seed/rows.ts";
import { esimAccessSeed } from "#prisma/seed/stand-ins.ts";
import { writePeople } from "#prisma/seed/write.ts";
import { giveBalance, type Surroundings } from "./world.ts";

/** A customer of one test, with one eSIM for Asia on which a 10 GB plan runs for three more days. */
export interface Traveller {
  readonly accountId: string;
  readonly email: string;
  readonly name: string;
  readonly locale: Locale;
  readonly timeZone: string;
  readonly currency: string;
  readonly iccid: string;
  readonly esimTranNo: string;
}

export interface TravellerFacts {
  readonly locale?: Locale;
  readonly currency?: PriceCurrency;
  readonly balanceMinor?: bigint;
  /** Bytes left; 0.8 GB unless told. */
  readonly leftBytes?: bigint;
}

/**
 * Makes a customer with the means of the demo, so that books and carrier agree, in the database of the
 * settings of this process and at the stand-in.
 */
export async function giveTraveller(
  surroundings: Surroundings,
  facts: TravellerFacts = {},
): Promise<Traveller> {
  const { locale = "en", currency = "CNY", balanceMinor = 0n, leftBytes = 858_993_459n } = facts;
  const rows = emptyRows();
  const key = `traveller-${randomUUID()}`;
  const person = addPerson(
    { now: new Date(), rows, books: new Books(rows), passwordHash: await demoPasswordHash() },
    {
      key,
      name: locale === "en" ? "Alex Morgan" : "王晓明",
      phone: null,
      locale,
      timeZone: "Asia/Shanghai",
      currency,
      countryCode: "CN",
      sinceDays: 40,
    },
  );
  const line = new Line(person, {
    key,
    label: locale === "en" ? "Travel" : "出行",
    area: "AS",
    createdAt: person.clock.at(-28, "10:00"),
    profileState: "enabled",
    networkState: leftBytes === 0n ? "depleted" : "active",
    lastCountryCode: "JP",
    figuresMinutesOld: 55,
  });
  line.grant("as-10gb-30d", person.clock.at(-27, "23:59"));
  line.useUntil(person.setting.now, leftBytes);
  line.finish();
  await db().$transaction(async (tx) => await writePeople(tx, rows));
  if (balanceMinor > 0n) {
    await giveBalance(surroundings, person.accountId, currency, balanceMinor);
  }
  // The catalogue is there, and the reseller's balance is everybody's.
  const { esims } = esimAccessSeed(rows.carrierEsims) as EsimAccessSeedInput;
  await surroundings.standIns.esimAccess.seed({ esims });
  return {
    accountId: person.accountId,
    email: person.email,
    name: person.name,
    locale,
    timeZone: person.timeZone,
    currency,
    iccid: line.iccid,
    esimTranNo: line.esimTranNo,
  };
}

/** What is enough to renew several times, in minor units. */
export const PLENTY = 100_000n;

let known: string | undefined;

/** Everybody in the demo has the same password; hashing it again for each test would only cost time. */
async function demoPasswordHash(): Promise<string> {
  known ??=
    (await db().account.findUniqueOrThrow({ where: { email: "lin@axis.example" } })).passwordHash ??
    undefined;
  if (known === undefined) throw new Error("The demo data are not there");
  return known;
}
