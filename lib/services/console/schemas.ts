import { z } from "zod";

/** Shorter texts are read out of nobody's papers, and find everybody. */
export const SearchAccountsInput = z.object({ query: z.string().trim().min(3).max(120) });
export type SearchAccountsInput = z.infer<typeof SearchAccountsInput>;

/** Done with why an order needed a person; `code` is the reason that was shown. */
export const ResolveAttentionInput = z.object({
  number: z.string().min(1).max(40),
  code: z.string().min(1).max(80),
  // Nothing at all is told apart from too little.
  reason: z.string().trim().min(1).min(3).max(500),
});
export type ResolveAttentionInput = z.infer<typeof ResolveAttentionInput>;

export const AccountIdInput = z.object({ accountId: z.uuid() });
