import { z } from "zod";
import { EsimAccessRefusal } from "./wire.ts";

/**
 * The request bodies, by endpoint, as the vendor's document lists them. Fields it does not list
 * are refused. An empty text counts as absent: the vendor's own examples send them.
 */

const optionalText = z
  .string()
  .max(200)
  .nullish()
  .transform((value) => (value ? value : null));
const wholeNumber = z.coerce.number().int();
const transactionId = z.string().min(1).max(50);

const whichEsim = { iccid: optionalText, esimTranNo: optionalText };

export const bodies = {
  "package/list": z.strictObject({
    locationCode: optionalText,
    type: z.enum(["BASE", "TOPUP", ""]).nullish(),
    packageCode: optionalText,
    slug: optionalText,
    iccid: optionalText,
    esimTranNo: optionalText,
    dataType: z.union([z.string(), z.number()]).nullish(),
  }),
  "esim/order": z.strictObject({
    transactionId,
    amount: wholeNumber.nullish(),
    packageInfoList: z
      .array(
        z.strictObject({
          packageCode: optionalText,
          slug: optionalText,
          count: wholeNumber.min(1).max(30),
          price: wholeNumber.nullish(),
          periodNum: wholeNumber.min(1).max(365).nullish(),
        }),
      )
      .min(1),
  }),
  "esim/query": z.strictObject({
    orderNo: optionalText,
    ...whichEsim,
    startTime: optionalText,
    endTime: optionalText,
    pager: z.strictObject({
      pageSize: wholeNumber.min(5).max(500),
      pageNum: wholeNumber.min(1).max(10_000),
    }),
  }),
  "esim/topup": z.strictObject({
    ...whichEsim,
    packageCode: z.string().min(1).max(200),
    transactionId,
    amount: z.union([z.string(), z.number()]).nullish(),
    periodNum: z.union([z.string(), z.number()]).nullish(),
  }),
  "esim/usage/query": z.strictObject({ esimTranNoList: z.array(z.string()).min(1).max(10) }),
  "esim/cancel": z.strictObject(whichEsim),
  "esim/suspend": z.strictObject(whichEsim),
  "esim/unsuspend": z.strictObject(whichEsim),
  "esim/revoke": z.strictObject(whichEsim),
  "esim/sendSms": z.strictObject({ ...whichEsim, message: z.string().min(1).max(500) }),
  "balance/query": z.strictObject({}),
  "location/list": z.strictObject({}),
  "webhook/save": z.strictObject({ webhook: z.url({ protocol: /^https?$/ }) }),
  "webhook/query": z.strictObject({}),
};

export type Endpoint = keyof typeof bodies;
export type Body<E extends Endpoint> = z.output<(typeof bodies)[E]>;

/** Checks a body; refuses with the vendor's codes for missing, null, too long and everything else. */
export function readBody<E extends Endpoint>(endpoint: E, given: unknown): Body<E> {
  const result = bodies[endpoint].safeParse(given);
  if (result.success) return result.data as Body<E>;
  const issue = result.error.issues[0];
  const path = issue?.path.map(String) ?? [];
  const detail = path.join(".");
  if (issue?.code === "unrecognized_keys") {
    throw new EsimAccessRefusal(
      "000105",
      `unknown parameter: ${[...path, ...issue.keys].join(".")}`,
    );
  }
  const value = path.reduce<unknown>(
    (place, name) => (place as Record<string, unknown> | null | undefined)?.[name],
    given,
  );
  if (value === undefined) throw new EsimAccessRefusal("000105", detail);
  if (value === null) throw new EsimAccessRefusal("000106", detail);
  if (issue?.code === "too_big" || issue?.code === "too_small") {
    throw new EsimAccessRefusal("000107", detail);
  }
  throw new EsimAccessRefusal("200008", detail);
}
