import { z } from "zod";

/** A field left empty says nothing. */
const said = <T extends z.ZodType>(schema: T) =>
  z.preprocess(
    (value) => (typeof value === "string" && value.trim() === "" ? undefined : value),
    schema.optional(),
  );

/** What the person who brings a statement says about it; only tables need it. */
export const StatementHintsInput = z.object({
  accountNumber: said(z.string().trim().max(60)),
  currency: said(
    z
      .string()
      .trim()
      .toUpperCase()
      .regex(/^[A-Z]{3}$/),
  ),
  decimalMark: said(z.enum([".", ","])),
  dateOrder: said(z.enum(["day_first", "month_first"])),
});
export type StatementHintsInput = z.infer<typeof StatementHintsInput>;

const Reason = z.string().trim().min(1).max(300);

export const AssignLineInput = z.discriminatedUnion("decision", [
  z.object({
    decision: z.literal("confirm"),
    lineId: z.uuid(),
    paymentId: z.uuid(),
    reason: Reason,
  }),
  z.object({
    decision: z.literal("balance"),
    lineId: z.uuid(),
    /** E-mail address or order number. */
    customer: z.string().trim().min(1).max(254),
    reason: Reason,
  }),
  z.object({
    decision: z.enum(["payout_stripe", "payout_paypal", "keep"]),
    lineId: z.uuid(),
    reason: Reason,
  }),
]);
export type AssignLineInput = z.infer<typeof AssignLineInput>;
