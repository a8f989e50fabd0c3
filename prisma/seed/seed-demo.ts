import { PrismaPg } from "@prisma/adapter-pg";
import { hashPassword } from "#lib/access/password.ts";
import { PrismaClient } from "#lib/db/generated/client.ts";
import { addCrowd } from "./crowd.ts";
import { DEMO_PASSWORD, tellPeople } from "./people.ts";
import type { SeedRows } from "./rows.ts";
import { fillStandIns, type StandInAddresses } from "./stand-ins.ts";
import { writeCatalogue, writePeople } from "./write.ts";

/** One seeding at a time, whoever starts it. */
const SEED_LOCK = 5_393_537;

interface SeedOptions {
  /** Connection string; of a direct connection where a pooler lies in between. */
  readonly databaseUrl: string;
  /** Further customers; those that are there already count. */
  readonly customers: number;
  /** The running stand-ins; null: only the database is filled. */
  readonly standIns: StandInAddresses | null;
  /** The moment of seeding, to which all dates are relative. */
  readonly now: Date;
  /** Told what was done, a sentence each. */
  readonly report: (line: string) => void;
}

/**
 * Puts the demo data in: catalogue and people in one transaction, the same in the stand-ins, then further
 * customers in bulk. A database that has the people already keeps them as they are.
 */
export async function seedDemo(options: SeedOptions): Promise<void> {
  const { report } = options;
  const passwordHash = await hashPassword(DEMO_PASSWORD);
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: options.databaseUrl }),
  });
  try {
    const rows = tellPeople({ now: options.now, passwordHash });
    if (await writeOnce(prisma, rows, options.now)) {
      report(
        `${rows.accounts.length} people with ${rows.orders.length} orders are in the database.`,
      );
      await fillStandIns(prisma, rows, options.standIns, report);
    } else {
      report("The demo data are there already; nothing was changed.");
    }
  } finally {
    await prisma.$disconnect();
  }
  if (options.customers > 0) await addCustomers(options, passwordHash);
}

/** Writes everything, or nothing when it was there before; says which. */
async function writeOnce(prisma: PrismaClient, rows: SeedRows, now: Date): Promise<boolean> {
  return await prisma.$transaction(
    async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${SEED_LOCK})`;
      const [first] = rows.accounts;
      const known = await tx.account.count({ where: { email: first?.email ?? "" } });
      if (known > 0) return false;
      await writeCatalogue(tx, now);
      await writePeople(tx, rows);
      return true;
    },
    { maxWait: 60_000, timeout: 60_000 },
  );
}

async function addCustomers(options: SeedOptions, passwordHash: string): Promise<void> {
  const { customers, databaseUrl, now, report } = options;
  const begun = performance.now();
  const added = await addCrowd(databaseUrl, { count: customers, passwordHash, now }, (done) => {
    if (done % 100_000 === 0 && done < customers) report(`${done} of ${customers} …`);
  });
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  report(
    added === 0
      ? `The ${customers} further customers are there already.`
      : `${added} further customers were added in ${seconds} s.`,
  );
}
