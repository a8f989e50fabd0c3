import { randomBytes } from "node:crypto";
import { log } from "#lib/observability/log.ts";

/**
 * Writes a defect to the log and returns the reference that the customer is shown and can tell
 * support: nothing of the error itself ever leaves the server.
 */
export function reportDefect(error: unknown, about: Readonly<Record<string, string>>): string {
  const reference = randomBytes(5).toString("hex");
  log().error({ ...about, reference, err: error }, "defect");
  return reference;
}
