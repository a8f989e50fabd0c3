import { z } from "zod";

/** Shorter texts are read out of nobody's papers, and find everybody. */
export const SearchAccountsInput = z.object({ query: z.string().trim().min(3).max(120) });
export type SearchAccountsInput = z.infer<typeof SearchAccountsInput>;

export const AccountIdInput = z.object({ accountId: z.uuid() });
