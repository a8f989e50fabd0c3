import { notFound } from "next/navigation";
import type { Refusal, Result } from "#lib/domain/refusal.ts";

/**
 * The value of a result on a page that can show nothing else: `not_found` becomes the page "not found",
 * and so does what the reader may not see; any other refusal here is a defect.
 */
export function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  return missing(result.refusal);
}

function missing(refusal: Refusal): never {
  if (refusal.code === "not_found" || refusal.code === "not_allowed") notFound();
  throw new Error(`Refused: ${refusal.code}`);
}
