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
    decision: z.enum(["balance", "given_back", "returned"]),
    lineId: z.uuid(),
    /** E-mail address or order number; what was returned names its order. */
    customer: z.string().trim().min(1).max(254),
    reason: Reason,
  }),
  z.object({
    decision: z.enum(["payout_stripe", "payout_paypal", "charge", "same", "keep"]),
    lineId: z.uuid(),
    reason: Reason,
  }),
]);
export type AssignLineInput = z.infer<typeof AssignLineInput>;

const parts = (text: string): string[] => text.split(" ").filter((part) => part !== "");

/** Ids of statements, as an address carries them. */
export const StatementIdsInput = z
  .string()
  .max(2_000)
  .transform(parts)
  .pipe(z.array(z.uuid()).max(20));

/** What was read over in a file, as an address carries it: `code.count`. */
export const StatementNotesInput = z
  .string()
  .max(500)
  .transform((text): unknown =>
    parts(text).map((part) => ({ code: part.split(".")[0], count: part.split(".")[1] })),
  )
  .pipe(
    z.array(
      z.object({
        code: z.enum([
          "not_booked",
          "without_amount",
          "collective",
          "totals_not_checked",
          "statement_missing",
        ]),
        count: z.coerce.number().int().nonnegative(),
      }),
    ),
  );
