/**
 * `npm run seed -- [--customers N]`: puts the demo data into the database behind DATABASE_DIRECT_URL
 * (or DATABASE_URL) and, where STRIPE_API_BASE, PAYPAL_API_BASE and ESIM_ACCESS_API_BASE lead to
 * stand-ins on this machine, into those. Doing it again changes nothing. See `seed/seed-demo.ts`.
 */
import { parseArgs } from "node:util";
import { seedDemo } from "./seed/seed-demo.ts";
import type { StandInAddresses } from "./seed/stand-ins.ts";

const { values } = parseArgs({ options: { customers: { type: "string", default: "0" } } });
const customers = Number(values.customers);
if (!Number.isSafeInteger(customers) || customers < 0) {
  console.error(`--customers takes a number from 0, not "${values.customers}".`);
  process.exit(1);
}
const databaseUrl = process.env["DATABASE_DIRECT_URL"] ?? process.env["DATABASE_URL"];
if (!databaseUrl) {
  console.error("Set DATABASE_URL (or DATABASE_DIRECT_URL) to the database that is to be seeded.");
  process.exit(1);
}
try {
  await seedDemo({
    databaseUrl,
    customers,
    standIns: readStandIns(),
    now: new Date(),
    report: (line) => console.log(line),
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

/** The stand-ins that the settings lead to; null where they lead to the real providers or nowhere. */
function readStandIns(): StandInAddresses | null {
  const stripe = process.env["STRIPE_API_BASE"];
  const stripeSecretKey = process.env["STRIPE_SECRET_KEY"];
  const paypal = process.env["PAYPAL_API_BASE"];
  const esimAccess = process.env["ESIM_ACCESS_API_BASE"];
  const app = process.env["APP_URL"];
  if (!stripe || !stripeSecretKey || !paypal || !esimAccess || !app) return null;
  return [stripe, paypal, esimAccess].every(isOnThisMachine)
    ? {
        stripe,
        stripeSecretKey,
        paypal,
        esimAccess,
        app,
        bank: process.env["SEED_BANK_BASE"] || undefined,
      }
    : null;
}

function isOnThisMachine(url: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname);
}
