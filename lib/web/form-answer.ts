import { createHmac, timingSafeEqual } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { cookies, headers } from "next/headers";
import { z } from "zod";
import { env } from "#lib/config/env.ts";
import type { FieldProblem, RefusalCode } from "#lib/domain/refusal.ts";
import { VIEW_HEADERS } from "./view-headers.ts";

/**
 * Why a form was not accepted, on its way from the action to the page that shows the form again: a
 * cookie that lives for one page (post, redirect, get). It works without scripts, a reload does not
 * send the form again, and going back is harmless.
 */
export interface FormAnswer {
  /** Names the form, so that another page does not show it. */
  readonly form: string;
  /** `kept`: nothing is wrong, the form is only shown again with what was typed. */
  readonly code: RefusalCode | "defect" | "kept";
  readonly arguments: Readonly<Record<string, string | number>>;
  readonly fields: Readonly<Record<string, FieldProblem>>;
  /** What had been typed, in the fields that may be shown again. */
  readonly values: Readonly<Record<string, string>>;
}

/** Below what browsers keep in one cookie (4,096 bytes with its name and attributes). */
const MAX_BYTES = 3_500;
/** Far more than what fits the cookie can hold: what is unpacked stays small, whoever packed it. */
const MAX_UNPACKED_BYTES = 200_000;
const SHORT = z.string().max(400);

const AnswerSchema = z.object({
  form: SHORT,
  code: z.string().regex(/^[a-z_]{1,40}$/),
  arguments: z.record(SHORT, z.union([SHORT, z.number()])),
  fields: z.record(SHORT, z.enum(["required", "invalid", "too_long", "too_small", "too_large"])),
  values: z.record(SHORT, z.string()),
});

/**
 * The cookie as text, packed and signed. What fields of a form can hold fits; of what is longer than they
 * allow, the longest values are left out until the rest fits.
 */
export function encodeAnswer(answer: FormAnswer): string {
  const values = new Map(Object.entries(answer.values));
  let body = pack(answer);
  while (body.length > MAX_BYTES && values.size > 0) {
    const [longest] = [...values].toSorted(([, a], [, b]) => b.length - a.length)[0] ?? [""];
    values.delete(longest);
    body = pack({ ...answer, values: Object.fromEntries(values) });
  }
  return `${body}.${signature(body)}`;
}

function pack(answer: FormAnswer): string {
  return deflateRawSync(JSON.stringify(answer)).toString("base64url");
}

/** Reads {@link encodeAnswer}'s text; null for anything that was not made here, for a cookie can be anything. */
export function decodeAnswer(text: string): FormAnswer | null {
  const [body = "", given = ""] = text.split(".");
  const expected = Buffer.from(signature(body));
  const actual = Buffer.from(given);
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) return null;
  const packed = Buffer.from(body, "base64url");
  const json: unknown = JSON.parse(
    inflateRawSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES }).toString("utf8"),
  );
  const parsed = AnswerSchema.safeParse(json);
  return parsed.success ? (parsed.data as FormAnswer) : null;
}

function signature(body: string): string {
  return createHmac("sha256", `${env().AUTH_SECRET}:answer`).update(body).digest("base64url");
}

/** Name of the cookie; `__Host-` keeps it to this host where there is https. */
export function answerCookieName(appUrl: string): string {
  return appUrl.startsWith("https://") ? "__Host-answer" : "answer";
}

/** Keeps an answer for the next page. Only in server actions. */
export async function keepAnswer(answer: FormAnswer): Promise<void> {
  const { APP_URL } = env();
  (await cookies()).set(answerCookieName(APP_URL), encodeAnswer(answer), {
    httpOnly: true,
    sameSite: "lax",
    secure: APP_URL.startsWith("https://"),
    path: "/",
    maxAge: 60,
  });
}

/**
 * The answer for `form`, when the last thing this browser did was to be refused by it. The proxy hands it
 * on and removes the cookie; `cookies()` would show the page the removed one.
 */
export async function readAnswer(form: string): Promise<FormAnswer | null> {
  const text = (await headers()).get(VIEW_HEADERS.answer);
  const answer = text === null ? null : decodeAnswer(text);
  return answer?.form === form ? answer : null;
}
