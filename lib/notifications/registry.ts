import { env } from "#lib/config/env.ts";
import type { Mailer } from "./port.ts";
import { smtpMailer } from "./smtp.ts";

/** How long each step of handing a message over may take, and all of them together: less than a worker's lease. */
const STEP_TIMEOUT_MS = 8_000;
const TIMEOUT_MS = 20_000;

let built: Mailer | undefined;

/** The mailer of this process, built once from the settings. */
export function mailer(): Mailer {
  const { SMTP_URL, MAIL_FROM } = env();
  built ??= smtpMailer({
    url: SMTP_URL,
    from: MAIL_FROM,
    stepTimeoutMs: STEP_TIMEOUT_MS,
    timeoutMs: TIMEOUT_MS,
  });
  return built;
}
