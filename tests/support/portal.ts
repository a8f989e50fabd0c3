import { readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright";
import { afterAll, afterEach, beforeAll, inject } from "vitest";
import { db, disconnect } from "#lib/db/client.ts";
import { openBrowser } from "./browser.ts";
import { beginSession } from "./session.ts";
import { standInsAt, type StandIns } from "./stand-ins.ts";
import { giveTraveller, type Traveller, type TravellerFacts } from "./traveller.ts";

/** How a page is looked at. */
export interface Looking {
  /** Signs this account in, without the form. */
  readonly as?: { readonly accountId: string };
  readonly javaScript?: boolean;
  /** Light mode, as the customer would turn it on. */
  readonly light?: boolean;
  readonly width?: 320 | 360 | 1280;
  readonly scheme?: "light" | "dark";
  /** What the browser prefers (Accept-Language); English unless told. */
  readonly prefers?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The portal of a run of browser tests. */
export interface Portal {
  /** Without a slash at the end. */
  readonly url: string;
  readonly standIns: StandIns;
  /** Opens a page of its own browser profile; it is closed after the test. */
  open(how?: Looking): Promise<Page>;
  /** Allows what would fail the test afterwards: a line that {@link Portal.open} would complain about. */
  allow(page: Page, trouble: RegExp): void;
  /** A new customer. */
  giveTraveller(facts?: TravellerFacts): Promise<Traveller>;
  /** Somebody of the demo, by the part of the address before the @. */
  demoPerson(key: string): Promise<{ readonly accountId: string; readonly email: string }>;
  /** The value of a new session's cookie. */
  sessionCookie(accountId: string): Promise<string>;
  /** Rows of a query, as the owner of the tables. */
  readonly rows: <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<Row[]>;
}

/** What is heard of scripts that light mode, or a browser without scripts, does not fetch. */
const STOPPED_SCRIPT = /script-src 'sha256-|^failed script .* csp$/;
/** A page that is left while it asks for its newer self. */
const LEFT_WHILE_ASKING = /^failed fetch .*\?wait=.* net::ERR_ABORTED$/;

/**
 * Opens the portal for a test file; call it once at the top. After each test its pages are closed, and
 * the test fails when one of them logged an error, asked for something that was not there or threw; after
 * the last one, when the portal reported a defect meanwhile.
 */
export function usePortal(): Portal {
  const url = inject("appUrl");
  const given = inject("standIns");
  const standIns = standInsAt({
    stripe: given["stripe"] ?? "",
    paypal: given["paypal"] ?? "",
    bank: given["bank"] ?? "",
    esimAccess: given["esimAccess"] ?? "",
    mailbox: given["mailbox"] ?? "",
    smtp: given["smtp"] ?? "",
  });
  const settings = inject("appSettings");
  const owner = new pg.Pool({ connectionString: inject("appDatabaseOwnerUrl"), max: 2 });
  let browser: Browser | undefined;
  let contexts: BrowserContext[] = [];
  let troubles: { readonly page: Page; readonly text: string }[] = [];
  let allowed: { readonly page: Page; readonly trouble: RegExp }[] = [];

  const note = (page: Page, text: string): void => void troubles.push({ page, text });

  function watch(page: Page): void {
    page.on("console", (message) => {
      // What could not be loaded is noted with its status below.
      if (message.type() !== "error" || /^Failed to load resource/.test(message.text())) return;
      note(page, `console: ${message.text()}`);
    });
    page.on("pageerror", (error) => note(page, `thrown: ${error.message}`));
    page.on("requestfailed", (request) => {
      const why = request.failure()?.errorText ?? "";
      note(page, `failed ${request.resourceType()} ${request.url()} ${why}`);
    });
    page.on("response", (response) => {
      if (response.status() < 400) return;
      note(page, `${response.status()} ${response.request().method()} ${response.url()}`);
    });
  }

  beforeAll(async () => {
    Object.assign(process.env, settings, {
      LOG_LEVEL: "silent",
      DATABASE_URL: inject("appDatabaseOwnerUrl"),
    });
    browser = await openBrowser();
  });

  afterEach(async () => {
    const open = contexts;
    contexts = [];
    await Promise.all(open.map(async (context) => await context.close()));
    const left = troubles.filter(
      ({ page, text }) =>
        !LEFT_WHILE_ASKING.test(text) &&
        !allowed.some((each) => each.page === page && each.trouble.test(text)),
    );
    troubles = [];
    allowed = [];
    if (left.length > 0) {
      throw new Error(`The pages had trouble:\n${left.map(({ text }) => text).join("\n")}`);
    }
  });

  const defectsBefore = countDefects();

  afterAll(async () => {
    await browser?.close();
    await owner.end();
    await disconnect();
    const defects = countDefects() - defectsBefore;
    if (defects > 0) throw new Error(`The portal reported ${defects} defects; see its log`);
  });

  const portal: Portal = {
    url,
    standIns,
    async open(how = {}) {
      if (browser === undefined) throw new Error("The browser is not open yet");
      const { width = 1280, javaScript = true, prefers = "en" } = how;
      const options: BrowserContextOptions = {
        baseURL: url,
        javaScriptEnabled: javaScript,
        locale: prefers,
        colorScheme: how.scheme ?? "light",
        viewport: { width, height: width === 1280 ? 900 : 740 },
        ...(how.headers ? { extraHTTPHeaders: { ...how.headers } } : {}),
      };
      const context = await browser.newContext(options);
      contexts.push(context);
      context.setDefaultTimeout(15_000);
      context.on("page", watch);
      if (how.as) {
        const value = await portal.sessionCookie(how.as.accountId);
        await context.addCookies([
          { name: "session", value, url, httpOnly: true, sameSite: "Lax" },
        ]);
      }
      if (how.light) await context.addCookies([{ name: "light", value: "on", url }]);
      const page = await context.newPage();
      if (how.light || !javaScript) portal.allow(page, STOPPED_SCRIPT);
      return page;
    },
    allow(page, trouble) {
      allowed.push({ page, trouble });
    },
    giveTraveller: async (facts) => await giveTraveller({ standIns, sql: portal.rows }, facts),
    async demoPerson(key) {
      const email = `${key}@axis.example`;
      const { id } = await db().account.findUniqueOrThrow({ where: { email } });
      return { accountId: id, email };
    },
    sessionCookie: async (accountId) =>
      await beginSession(accountId, settings["AUTH_SECRET"] ?? ""),
    rows: async <Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []) =>
      (await owner.query<Row>(sql, values)).rows,
  };
  return portal;
}

function countDefects(): number {
  const logs = ["web", "worker"].map((name) => path.join(inject("appLogs"), `${name}.log`));
  return logs.flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line.includes('"msg":"defect"')),
  ).length;
}
