import { z } from "zod";
import type { AdminRoutes } from "../admin.ts";
import type { Account, BankWorld, Transfer } from "./world.ts";

const day = z.iso.date();
const currency = z.string().regex(/^[A-Z]{3}$/);
const account = z.string().regex(/^[A-Z0-9-]{4,34}$/);

const accountSchema = z.strictObject({
  account,
  currency,
  holder: z.string().min(1).default("Axis"),
  /** Balance before the first transfer, a decimal text. */
  opening: z.string().default("0"),
});

export const transferSchema = z.strictObject({
  account,
  currency,
  /** Decimal text; what goes out is negative. */
  amount: z.string(),
  name: z.string().max(140),
  text: z.string().max(500),
  bookedOn: day.optional(),
  valueOn: day.optional(),
  counterpartyAccount: z.string().max(34).optional(),
  isReversal: z.boolean().default(false),
  isPending: z.boolean().default(false),
  batch: z.string().max(35).optional(),
});

const seedSchema = z.strictObject({
  accounts: z.array(accountSchema).default([]),
  /** Booked once; a seed that was taken before adds nothing. */
  transfers: z.array(transferSchema.extend({ id: z.string() })).default([]),
});

export type BankAccountInput = z.input<typeof accountSchema>;
export type BankTransferInput = z.input<typeof transferSchema>;
export type BankSeedInput = z.input<typeof seedSchema>;

/** What `GET /__sandbox/state` of the bank gives. */
export interface BankState {
  accounts: Account[];
  transfers: Transfer[];
}

/** The bank's own admin calls. */
export function bankAdminRoutes(world: BankWorld): AdminRoutes {
  const { store, held, log } = world.standIn;
  return {
    "GET /state": (): BankState => {
      const accounts = world.accounts();
      return { accounts, transfers: accounts.flatMap((each) => world.transfers(each.account)) };
    },
    "POST /account": (body) => world.saveAccount(accountSchema.parse(body)),
    "POST /transfer": (body) => world.book(transferSchema.parse(body)),
    "POST /seed": (body) => {
      const seed = seedSchema.parse(body);
      for (const each of seed.accounts) world.saveAccount(each);
      for (const { id, ...transfer } of seed.transfers) {
        if (store.find("seeded", id)) continue;
        store.put("seeded", id, { number: world.book(transfer).number });
      }
      return { accounts: seed.accounts.length, transfers: seed.transfers.length };
    },
    "POST /reset": () => {
      held.release();
      store.clear();
      log.clear();
      return { reset: true };
    },
  };
}
