import pino, { type Logger, type LoggerOptions } from "pino";
import { env } from "#lib/config/env.ts";

const holder = globalThis as typeof globalThis & { portalLog?: Logger };

/**
 * The structured log of this process: JSON lines on stdout. Every line about an order carries its
 * `orderId`, the correlation id of everything done for it. Never log a password, token, card number,
 * activation code or a whole personal record; the paths below are cut out in case somebody does, and of
 * errors (`err`) only what {@link describeError} keeps is written.
 */
export function log(): Logger {
  holder.portalLog ??= pino(logOptions(env().LOG_LEVEL));
  return holder.portalLog;
}

/** For a command whose stdout is its answer: this process writes its log to stderr. */
export function logToStderr(): void {
  holder.portalLog = pino(logOptions(env().LOG_LEVEL), pino.destination(2));
}

/** How every line is written. */
export function logOptions(level: string): LoggerOptions {
  return {
    level,
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
    serializers: { err: describeError },
    hooks: {
      // Without a message of the line's own, pino takes the error's, whole.
      logMethod(args, method) {
        const [first, message] = args as unknown[];
        const error = first instanceof Error ? first : errorIn(first);
        if (error === null || message !== undefined) method.apply(this, args);
        else method.apply(this, [first instanceof Error ? { err: first } : first, error.name]);
      },
    },
  };
}

function errorIn(line: unknown): Error | null {
  const error = typeof line === "object" && line !== null && "err" in line ? line.err : null;
  return error instanceof Error ? error : null;
}

/** What the log says of an error. */
export interface DescribedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string;
}

/**
 * Kind, first line of the message, code and stack frames of an error, and nothing else: what databases
 * and providers attach to theirs (PostgreSQL's "detail", Prisma's `meta`, `cause`) quotes the rows and
 * bodies that the error is about.
 */
export function describeError(error: unknown): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: "thrown, but no Error" };
  const code = "code" in error ? error.code : undefined;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    message: firstLine(error.message),
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    ...(frames.length === 0 ? {} : { stack: frames.join("\n") }),
  };
}

/** Prisma begins with an empty line; "detail" follows on the same line in what drivers put together. */
function firstLine(message: string): string {
  const line = message.split("\n").find((candidate) => candidate.trim() !== "") ?? "";
  return line.replace(/[\s,;(]*\bdetail\b["']?\s*[:=].*$/i, "").trim();
}
