import { z } from "zod";
import { HISTORY_KINDS } from "#lib/domain/history.ts";
import { DocumentDataSchema } from "#lib/services/document/schemas.ts";
import { OrderRowSchema } from "#lib/services/order/order-row.ts";
import { BigintText, LocalizedTextSchema } from "#lib/services/plan/schemas.ts";
import { PAYMENT_METHODS } from "#lib/domain/payment-method.ts";

/** What forms leave empty is not asked for. */
const given = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

/** A day of this millennium. */
const Day = z.iso.date().regex(/^2\d{3}-/);

const fields = {
  kind: given(z.enum(HISTORY_KINDS)),
  from: given(Day),
  to: given(Day),
  iccid: given(z.string().regex(/^\d{18,20}$/)),
};

export const HistoryInput = z.object(fields);

/** The same for a page, where what cannot be read is as if it had not been asked for. */
export const LooseHistoryInput = z.object({
  kind: fields.kind.catch(undefined),
  from: fields.from.catch(undefined),
  to: fields.to.catch(undefined),
  iccid: fields.iccid.catch(undefined),
});

const Instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const About = {
  id: z.uuid(),
  at: z.date(),
  orderNumber: z.string().nullable(),
  esim: z.object({ iccid: z.string(), label: z.string() }).nullable(),
};
const Amount = { currency: z.string(), amountMinor: BigintText };

/** A row of the history's query: what all have, and what its kind has besides. */
export const HistoryRowSchema = z.discriminatedUnion("kind", [
  z.object({ ...About, kind: z.literal("order"), facts: OrderRowSchema }),
  z.object({
    ...About,
    kind: z.literal("payment"),
    facts: z.object({
      ...Amount,
      method: z.enum(PAYMENT_METHODS),
      state: z.enum(["created", "pending", "reserved", "settled", "failed", "expired"]),
    }),
  }),
  z.object({
    ...About,
    kind: z.literal("refund"),
    facts: z.object({
      ...Amount,
      method: z.enum(PAYMENT_METHODS),
      state: z.enum(["created", "pending", "succeeded", "failed"]),
    }),
  }),
  z.object({
    ...About,
    kind: z.literal("period"),
    facts: z.object({
      planName: LocalizedTextSchema,
      startsAt: Instant,
      endsAt: Instant,
      state: z.enum(["pendingActive", "active", "terminated", "cancelled"]),
    }),
  }),
  z.object({
    ...About,
    kind: z.literal("message"),
    facts: z.object({ template: z.string(), channel: z.string(), state: z.string() }),
  }),
  z.object({ ...About, kind: z.literal("document"), facts: DocumentDataSchema }),
]);
