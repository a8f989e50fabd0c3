import { z } from "zod";
import type { TypedBilling } from "#lib/domain/billing.ts";
import { BILLING_FIELDS } from "#lib/services/billing/schemas.ts";
import { Checkbox, MethodValue, type MethodChoice } from "#lib/services/payment/schemas.ts";
import { BigintText } from "#lib/services/plan/schemas.ts";

const Iccid = z.string().regex(/^\d{18,20}$/);
const PlanCode = z.string().min(1).max(64);
const StartChoiceSchema = z.enum(["now", "period_end", "on_date"]);
/** A calendar day in the customer's zone. */
const Day = z.iso.date();

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
  /** What was typed so far, where it is not what is kept: it decides the tax. */
  readonly billing?: Pick<TypedBilling, "billingKind" | "countryCode" | "taxNumber"> | undefined;
};

const { billingKind, ...billingTexts } = BILLING_FIELDS;

export const PlaceOrderInput = z
  .object({
    attemptId: z.uuid(),
    quote: z.string().min(1).max(2000),
    iccid: Iccid,
    planCode: PlanCode,
    startChoice: StartChoiceSchema,
    startsOn: Day.optional(),
    method: MethodValue,
    /** Pays from the balance first, and only the rest by `method`. */
    useBalance: Checkbox,
    acceptLoss: Checkbox,
    repeat: Checkbox,
    saveMethod: Checkbox,
    billingKind: billingKind.optional(),
    ...billingTexts,
  })
  .transform(
    ({
      method,
      attemptId,
      quote,
      iccid,
      planCode,
      startChoice,
      startsOn,
      useBalance,
      acceptLoss,
      repeat,
      saveMethod,
      billingKind: kind,
      ...typed
    }): PlaceOrderInput => ({
      attemptId,
      quote,
      iccid,
      planCode,
      startChoice,
      startsOn,
      ...method,
      useBalance,
      acceptLoss,
      repeat,
      saveMethod,
      billing: kind === undefined ? undefined : { billingKind: kind, ...typed },
    }),
  );
export type PlaceOrderInput = {
  readonly attemptId: string;
  readonly quote: string;
  readonly iccid: string;
  readonly planCode: string;
  readonly startChoice: z.infer<typeof StartChoiceSchema>;
  readonly startsOn?: string | undefined;
  readonly useBalance: boolean;
  readonly acceptLoss: boolean;
  readonly repeat: boolean;
  /** Whether the way of paying is to be kept for later. */
  readonly saveMethod?: boolean | undefined;
  /** Left out: what is kept. */
  readonly billing?: TypedBilling | undefined;
} & MethodChoice;

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
