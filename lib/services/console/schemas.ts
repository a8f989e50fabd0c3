import { z } from "zod";

export const SearchAccountsInput = z.object({ query: z.string().trim().min(1).max(120) });
export type SearchAccountsInput = z.infer<typeof SearchAccountsInput>;

export const AccountIdInput = z.object({ accountId: z.uuid() });
