import { chromium, type Browser } from "playwright";
import { ensureBrowser } from "#lib/cli/browser.ts";

/**
 * Opens the Chromium of this machine for a test file; close it in `afterAll`. It asks nobody outside
 * the pages it shows, and runs without its sandbox only for root, for whom it would not start.
 */
export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: ensureBrowser((line) => console.log(line)),
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-quic",
      "--no-first-run",
    ],
  });
}
