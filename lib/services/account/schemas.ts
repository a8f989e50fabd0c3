import { z } from "zod";

/** Addresses are compared in lower case; nothing else about them is changed. */
export const EmailAddress = z
  .string()
  .trim()
  .min(1)
  .max(254)
  .transform((text) => text.toLowerCase())
  .pipe(z.email());

export const SignInInput = z.object({
  email: EmailAddress,
  password: z.string().min(1).max(128),
});
export type SignInInput = z.infer<typeof SignInInput>;
