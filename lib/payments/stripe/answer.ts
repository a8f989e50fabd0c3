import { z } from "zod";

/** Stripe's answer is not what its documentation promises; nothing is known from it. */
export class UnreadableAnswerError extends Error {
  override readonly name = "UnreadableAnswerError";
}

/** The believed parts of an answer. Throws {@link UnreadableAnswerError}. */
export function readAnswer<T>(schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new UnreadableAnswerError(
    `Stripe's answer has no readable ${issue?.path.join(".") ?? "shape"}`,
  );
}

/** Runs a conversion of a value from Stripe. Throws {@link UnreadableAnswerError} where it is out of range. */
export function orUnreadable<T>(convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    if (error instanceof RangeError) throw new UnreadableAnswerError(error.message);
    throw error;
  }
}

/** The id when it has the shape of ours; somebody else's metadata names nothing of ours. */
export function ourId(value: string | null | undefined): string | null {
  return z.uuid().safeParse(value).data ?? null;
}
