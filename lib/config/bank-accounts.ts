import { z } from "zod";
import { isBic, isIban, isRoutingNumber, type BankAccount } from "#lib/domain/bank-account.ts";

const text = (longest: number) =>
  z
    .string("must be a text")
    .trim()
    .min(1, "must not be empty")
    .max(longest, `must have at most ${longest} characters`)
    .refine((value) => !/\p{Cc}/u.test(value), "must be one line without control characters");

/** A number as people write it, kept without what they put between its digits. */
const compact = (longest: number) =>
  text(longest).transform((value) => value.replace(/[\s-]/g, "").toUpperCase());

const AccountSchema = z
  .strictObject({
    accountHolder: text(70),
    iban: compact(50).refine(isIban, "is no IBAN: form or check digits are wrong").optional(),
    bic: compact(20).refine(isBic, "is no BIC").optional(),
    sortCode: compact(20)
      .refine((code) => /^\d{6}$/.test(code), "must have six digits")
      .optional(),
    routingNumber: compact(20)
      .refine(isRoutingNumber, "is no ABA routing number: form or check digit is wrong")
      .optional(),
    accountNumber: compact(50)
      .refine((code) => /^[A-Z0-9]{4,34}$/.test(code), "must have 4 to 34 digits or letters")
      .optional(),
    accountType: text(30).optional(),
    bankName: text(140).optional(),
    bankCode: compact(20).optional(),
    branch: text(140).optional(),
    bankAddress: text(200).optional(),
  })
  .superRefine((account, context) => {
    if (account.iban !== undefined) return;
    if (account.accountNumber === undefined) {
      context.addIssue({ code: "custom", message: "needs iban or accountNumber" });
    } else if (!account.sortCode && !account.routingNumber && !account.bankName && !account.bic) {
      const message = "needs, beside accountNumber, sortCode, routingNumber, bic or bankName";
      context.addIssue({ code: "custom", message });
    }
  });

const AccountsSchema = z
  .record(z.string().regex(/^[A-Z]{3}$/), AccountSchema)
  .superRefine((accounts, context) => {
    if (Object.keys(accounts).length === 0) {
      context.addIssue({ code: "custom", message: "names no currency" });
    }
    const euro = accounts["EUR"];
    if (euro !== undefined && euro.iban === undefined) {
      // Regulation (EU) No 260/2012: within SEPA an account is named by its IBAN.
      context.addIssue({ code: "custom", path: ["EUR"], message: "needs iban" });
    }
  });

/**
 * BANK_TRANSFER_INSTRUCTIONS: JSON, an account for each currency that can be transferred. Each problem is one
 * message naming currency and field, never the value.
 */
export const bankAccounts = z
  .string()
  .transform((json, context): Readonly<Record<string, BankAccount>> => {
    let parsed: unknown;
    try {
      parsed = JSON.parse(json);
    } catch {
      context.addIssue({ code: "custom", message: "is not JSON" });
      return z.NEVER;
    }
    const result = AccountsSchema.safeParse(parsed);
    if (result.success) return result.data;
    for (const issue of result.error.issues) {
      const place = issue.path.map(String).join(".");
      const message = describe(issue);
      context.addIssue({
        code: "custom",
        message: place === "" ? message : `${place}: ${message}`,
      });
    }
    return z.NEVER;
  });

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") return `does not know ${issue.keys.join(", ")}`;
  if (issue.code === "invalid_key") return "is no ISO 4217 code";
  if (issue.code === "invalid_type" && issue.path.length < 2) return "must be an object";
  return issue.message;
}
