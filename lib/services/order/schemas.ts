import { z } from "zod";
import { PAYMENT_METHODS } from "#lib/domain/payment-method.ts";
import { BigintText } from "#lib/services/plan/schemas.ts";

const Iccid = z.string().regex(/^\d{18,20}$/);
const PlanCode = z.string().min(1).max(64);
const StartChoiceSchema = z.enum(["now", "period_end", "on_date"]);
/** A calendar day in the customer's zone. */
const Day = z.iso.date();
const Checkbox = z
  .union([z.boolean(), z.literal(["on", "true", "1"]).transform(() => true)])
  .default(false);

export const QuoteOrderInput = z.object({
  iccid: Iccid,
  planCode: PlanCode,
  startChoice: StartChoiceSchema.optional(),
  startsOn: Day.optional(),
});
export type QuoteOrderInput = {
  readonly iccid: string;
  readonly planCode: string;
  readonly startChoice?: z.infer<typeof StartChoiceSchema> | undefined;
  readonly startsOn?: string | undefined;
};

export const PlaceOrderInput = z.object({
  attemptId: z.uuid(),
  quote: z.string().min(1).max(2000),
  iccid: Iccid,
  planCode: PlanCode,
  startChoice: StartChoiceSchema,
  startsOn: Day.optional(),
  method: z.enum(PAYMENT_METHODS),
  /** Pays from the balance first, and only the rest by `method`. */
  useBalance: Checkbox,
  acceptLoss: Checkbox,
  repeat: Checkbox,
});
export type PlaceOrderInput = z.infer<typeof PlaceOrderInput>;

export const OrderNumberInput = z.object({ number: z.string().min(1).max(40) });

const Instant = z.iso.datetime().transform((text) => new Date(text));
const SnapshotSchema = z.object({
  dataBytes: BigintText.nullable(),
  laterBytes: BigintText.nullable(),
  laterFrom: Instant.nullable(),
  until: Instant.nullable(),
});

/** The preview as an order keeps it. */
export const PreviewSchema = z.object({
  before: SnapshotSchema,
  after: SnapshotSchema,
  dataFrom: Instant,
  period: z.object({ startsAt: Instant, endsAt: Instant }).nullable(),
  lost: z.object({ dataBytes: BigintText.nullable(), seconds: z.number() }).nullable(),
});
