/**
 * The part whose payment begins the others, and says how the order stands: what a provider or bank pays,
 * else the balance. Throws when the order has no payment.
 */
export function startedPart<Part extends { readonly adapter: string }>(
  parts: readonly Part[],
): Part {
  const part = parts.find((each) => each.adapter !== "balance") ?? parts[0];
  if (part === undefined) throw new Error("An order has no payment");
  return part;
}
