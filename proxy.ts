import { randomBytes } from "node:crypto";
import { NextResponse, type NextRequest } from "next/server";
import { env } from "#lib/config/env.ts";
import { isOwnOrigin } from "#lib/web/address.ts";
import { contentSecurityPolicy } from "#lib/web/content-security-policy.ts";
import { isLight, LIGHT_COOKIE, lightChoice } from "#lib/web/data-saver.ts";
import { answerCookieName } from "#lib/web/form-answer.ts";
import { chosenLocale, LANGUAGE_COOKIE, preferredLocale } from "#lib/web/language.ts";
import { PAGE_SCRIPT_HASH } from "#lib/web/page-script.ts";
import { paymentOrigins } from "#lib/web/payment-origins.ts";
import { VIEW_HEADERS } from "#lib/web/view-headers.ts";

/**
 * Sets what every page carries: policy, nonce, language, light mode. It reads the request and the
 * settings, never the database, and guards nothing but the origin of what is posted; who may see
 * what is decided where the data is fetched.
 */
export function proxy(request: NextRequest): NextResponse {
  const settings = env();
  if (
    !["GET", "HEAD"].includes(request.method) &&
    !isOwnOrigin(request.headers.get("origin"), request.headers.get("host"), settings.APP_URL)
  ) {
    // The framework would answer a foreign origin with 500 and let an absent one pass.
    return new NextResponse("This form was not sent from this site.\n", { status: 403 });
  }

  const { searchParams, pathname, search } = request.nextUrl;
  const https = settings.APP_URL.startsWith("https://");
  const chosen = chosenLocale(
    searchParams.get("lang"),
    request.cookies.get(LANGUAGE_COOKIE)?.value,
  );
  const saver = lightChoice(searchParams.get("light"));
  const light = isLight({
    cookie: saver ?? request.cookies.get(LIGHT_COOKIE)?.value,
    saveData: request.headers.get("save-data"),
    effectiveConnection: request.headers.get("ect"),
  });
  const policy = contentSecurityPolicy({
    nonce: randomBytes(16).toString("base64"),
    light,
    scriptHash: PAGE_SCRIPT_HASH,
    paymentOrigins: paymentOrigins(settings),
    development: settings.APP_ENV === "development",
  });

  const headers = new Headers(request.headers);
  headers.set(VIEW_HEADERS.path, pathname + search);
  headers.set(
    VIEW_HEADERS.locale,
    chosen ?? preferredLocale(request.headers.get("accept-language")) ?? settings.DEFAULT_LOCALE,
  );
  headers.set(VIEW_HEADERS.chosen, chosen ?? "");
  headers.set(VIEW_HEADERS.light, light ? "1" : "0");
  const answer = answerCookieName(settings.APP_URL);
  headers.set(VIEW_HEADERS.answer, request.cookies.get(answer)?.value ?? "");
  // From here the framework takes the nonce for its scripts.
  headers.set("content-security-policy", policy);

  const response = NextResponse.next({ request: { headers } });
  response.headers.set("Content-Security-Policy", policy);
  response.headers.set("X-Content-Type-Options", "nosniff");
  // Not `no-referrer`: with it our own forms would send `Origin: null`.
  response.headers.set("Referrer-Policy", "same-origin");
  response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.set("Permissions-Policy", PERMISSIONS);
  response.headers.set("Cache-Control", "private, no-store");
  // Asks the browser for the hints that turn light mode on.
  response.headers.set("Accept-CH", "ECT, Save-Data");
  if (https) {
    response.headers.set("Strict-Transport-Security", "max-age=63072000; includeSubDomains");
  }

  const remembered = {
    httpOnly: true,
    sameSite: "lax",
    secure: https,
    path: "/",
    maxAge: YEAR_SECONDS,
  } as const;
  if (chosen !== null && searchParams.has("lang")) {
    response.cookies.set(LANGUAGE_COOKIE, chosen, remembered);
  }
  if (saver !== null) response.cookies.set(LIGHT_COOKIE, saver, remembered);
  if (request.method === "GET" && request.cookies.has(answer)) {
    // The page that is rendered now shows it; the next one must not.
    response.cookies.set(answer, "", { ...remembered, maxAge: 0 });
  }
  return response;
}

const YEAR_SECONDS = 31_536_000;
const PERMISSIONS =
  "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()";

/** Pages, the ones that do not exist included; not the framework's files, the endpoints and what lies in public/. */
export const config = {
  matcher: [
    "/((?!_next/static/|api/health/|api/webhooks/|api/metrics$|gsma/|robots\\.txt$|offline\\.html$|worker\\.js$).*)",
  ],
};
