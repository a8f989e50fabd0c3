/**
 * `npm run demo`: the whole portal on this machine, from a bare clone. Keeps its data in `.data/`;
 * `-- --reset` begins anew, `-- --dev` serves by the development server (`npm run dev`). Ends in
 * order on Ctrl-C, SIGTERM, or when the process that launched it is gone.
 */
import path from "node:path";
import { parseArgs } from "node:util";
import { root } from "./root.ts";
import { startStack, type Stack } from "./stack.ts";

const { values } = parseArgs({
  options: {
    reset: { type: "boolean", default: false },
    dev: { type: "boolean", default: false },
  },
});

const port = Number(process.env["PORT"] || 3000);
if (!Number.isInteger(port) || port < 1 || port > 65_535) {
  console.error(`PORT must be a number from 1 to 65535, not "${process.env["PORT"]}".`);
  process.exit(1);
}

const asked = new Promise<void>((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => resolve());
  }
  process.on("disconnect", () => resolve());
});

const starting = startStack({
  dataDir: path.join(root, ".data"),
  port,
  development: values.dev,
  reset: values.reset,
  report: (line) => console.log(line),
});

try {
  const stack = await Promise.race([starting, asked.then(() => null)]);
  if (!stack) {
    // Half started: what runs already ends with this process, and the next start repairs the rest.
    console.log("\nStopped while starting.");
    process.exit(130);
  }
  printWelcome(stack);
  await asked;
  console.log("\nStopping …");
  await stack.stop();
  console.log("Stopped. The data are kept for the next start.");
  process.exit(0);
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

function printWelcome({ url, mailboxUrl, logDir }: Stack): void {
  console.log(`
  The portal    ${url}
  Mailbox       ${mailboxUrl}   (every mail the portal sends)
  Logs          ${path.relative(root, logDir)}/

  Sign in as                  to see
  lin@axis.example            Chinese: one eSIM with little data left, and a balance to renew with
  emma@axis.example           English: two eSIMs, one of them used up
  sato@axis.example           a period queued behind the running one
  noor@axis.example           an eSIM that has expired
  omar@axis.example           an order whose outcome is unknown, and one refunded
  new@axis.example            an account without an eSIM
  support@axis.example        staff; also lead@axis.example and admin@axis.example
  The password of all is      renew-me-anywhere-2026

  Ctrl-C stops everything; the next start keeps the data.`);
}
