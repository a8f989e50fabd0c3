import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import type { Browser } from "playwright";
import { db, disconnect } from "#lib/db/client.ts";
import { startStack, type Stack } from "#lib/cli/stack.ts";
import { openBrowser } from "#tests/support/browser.ts";
import type { Stage } from "#tests/support/pages.ts";
import { beginSession } from "#tests/support/session.ts";
import { standInsAt } from "#tests/support/stand-ins.ts";
import { giveTraveller } from "#tests/support/traveller.ts";

/** A portal of its own with a browser, for measuring. */
export interface BenchStage extends Stage {
  readonly stack: Stack;
  readonly browser: Browser;
  sessionCookie(accountId: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts everything in a temporary folder; the settings of this process follow. */
export async function openStage(): Promise<BenchStage> {
  const stack = await startStack({
    dataDir: mkdtempSync(path.join(tmpdir(), "axis-bench-")),
    testMode: true,
    report: (line) => console.log(line),
  });
  Object.assign(process.env, stack.settings, {
    LOG_LEVEL: "silent",
    DATABASE_URL: stack.databaseOwnerUrl,
  });
  const owner = new pg.Pool({ connectionString: stack.databaseOwnerUrl, max: 2 });
  const browser = await openBrowser();
  const address = (name: string): string => stack.standIns[name] ?? "";
  const standIns = standInsAt({
    stripe: address("stripe"),
    paypal: address("paypal"),
    bank: address("bank"),
    esimAccess: address("esimAccess"),
    mailbox: address("mailbox"),
    smtp: address("smtp"),
  });
  const rows: Stage["rows"] = async <Row extends pg.QueryResultRow>(
    sql: string,
    values: unknown[] = [],
  ) => (await owner.query<Row>(sql, values)).rows;
  const sessionCookie = async (accountId: string): Promise<string> =>
    await beginSession(accountId, stack.settings["AUTH_SECRET"] ?? "");
  return {
    stack,
    browser,
    rows,
    sessionCookie,
    giveTraveller: async (facts) => await giveTraveller({ standIns, sql: rows }, facts),
    async demoPerson(key) {
      const email = `${key}@axis.example`;
      return { accountId: (await db().account.findUniqueOrThrow({ where: { email } })).id, email };
    },
    async open({ as, javaScript = true } = {}) {
      const context = await browser.newContext({
        baseURL: stack.url,
        javaScriptEnabled: javaScript,
      });
      if (as) {
        const value = await sessionCookie(as.accountId);
        await context.addCookies([{ name: "session", value, url: stack.url }]);
      }
      return await context.newPage();
    },
    async close() {
      await browser.close();
      await owner.end();
      await disconnect();
      await stack.remove();
    },
  };
}
