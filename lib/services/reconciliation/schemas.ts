import { z } from "zod";

/** What a person writes to resolve a difference that the books cannot explain by themselves. */
export const ResolveDifferenceInput = z.object({
  differenceId: z.uuid(),
  reason: z.string().trim().min(1).max(500),
});
export type ResolveDifferenceInput = z.infer<typeof ResolveDifferenceInput>;

/** A form that says nothing but that it was sent. */
export const NothingInput = z.object({});
