import { z } from "zod";
import { Checkbox, MethodValue, type MethodChoice } from "#lib/services/payment/schemas.ts";

/** An amount in major units as a form sends it: digits and, after a point, decimals. */
const AmountText = z
  .string()
  .trim()
  .min(1)
  .max(16)
  .transform((text) => text.replace(",", "."))
  .pipe(z.string().regex(/^\d+(?:\.\d+)?$/));

export const PlaceTopUpInput = z
  .object({
    attemptId: z.uuid(),
    amount: AmountText,
    method: MethodValue,
    saveMethod: Checkbox,
  })
  .transform(({ method, ...rest }): PlaceTopUpInput => ({ ...rest, ...method }));
export type PlaceTopUpInput = {
  readonly attemptId: string;
  readonly amount: string;
  /** Whether the way of paying is to be kept for later. */
  readonly saveMethod?: boolean | undefined;
} & MethodChoice;
