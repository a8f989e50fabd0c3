import pino, { type Logger } from "pino";
import { env } from "#lib/config/env.ts";

const holder = globalThis as typeof globalThis & { portalLog?: Logger };

/**
 * The structured log of this process: JSON lines on stdout. Every line about an order carries its
 * `orderId`, the correlation id of everything done for it. Never log a password, token, card number,
 * activation code or a whole personal record; the paths below are cut out in case somebody does.
 */
export function log(): Logger {
  holder.portalLog ??= pino({
    level: env().LOG_LEVEL,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: [
        "password",
        "*.password",
        "token",
        "*.token",
        "secret",
        "*.secret",
        "authorization",
        "*.authorization",
        "cookie",
        "*.cookie",
        "activationCode",
        "*.activationCode",
        "matchingId",
        "*.matchingId",
        "email",
        "*.email",
      ],
      censor: "[removed]",
    },
  });
  return holder.portalLog;
}
