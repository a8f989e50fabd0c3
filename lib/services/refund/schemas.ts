import { z } from "zod";

/** Why a person did something to money; kept in the audit. */
const Reason = z.string().trim().min(3).max(500);

export const RequestRefundInput = z.object({
  attemptId: z.uuid(),
  number: z.string().min(1).max(40),
  /** Major units. */
  amount: z
    .string()
    .trim()
    .min(1)
    .max(20)
    .regex(/^\d+(?:\.\d+)?$/),
  destination: z.enum(["origin", "balance"]),
  reason: Reason,
});
export type RequestRefundInput = z.infer<typeof RequestRefundInput>;

export const RedirectRefundInput = z.object({
  refundId: z.uuid(),
  reason: Reason,
});
export type RedirectRefundInput = z.infer<typeof RedirectRefundInput>;
