import { mkdirSync } from "node:fs";
import { startBank } from "./bank/server.ts";
import { startEsimAccess } from "./esim-access/server.ts";
import { startMailbox } from "./mailbox/server.ts";
import { startPayPal } from "./paypal/server.ts";
import { keepPorts, readPorts } from "./ports.ts";
import { readSettings } from "./settings.ts";
import { startStripe } from "./stripe/server.ts";

/**
 * The stand-ins as one process: Stripe, PayPal, a bank, eSIM Access and a mailbox on 127.0.0.1.
 *
 *     node lib/sandbox/main.ts --data <folder> [--stop-with-stdin]
 *
 * Prints one line of JSON with the addresses when all of them listen; everything else goes to
 * stderr. Ends on SIGTERM, SIGINT and, if asked, when its standard input ends.
 */
async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2), process.env);
  mkdirSync(settings.dataFolder, { recursive: true });
  const ports = readPorts(settings.dataFolder);
  const stripe = await startStripe(settings, ports.stripe);
  const paypal = await startPayPal(settings, ports.paypal);
  const bank = await startBank(settings, ports.bank);
  const esimAccess = await startEsimAccess(settings, ports.esimAccess);
  const mailbox = await startMailbox(settings, ports.mailbox, ports.smtp);
  keepPorts(settings.dataFolder, {
    stripe: stripe.port,
    paypal: paypal.port,
    bank: bank.port,
    esimAccess: esimAccess.port,
    mailbox: mailbox.port,
    smtp: mailbox.smtpPort,
  });

  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    // What is acknowledged is committed already; nothing is lost if closing takes too long.
    setTimeout(() => process.exit(0), 3_000).unref();
    Promise.all([
      stripe.stop(),
      paypal.stop(),
      bank.stop(),
      esimAccess.stop(),
      mailbox.stop(),
    ]).then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  if (settings.stopWithStdin) {
    process.stdin.on("end", stop);
    process.stdin.on("close", stop);
    process.stdin.resume();
  }

  const ready = {
    ready: true,
    stripe: stripe.url,
    paypal: paypal.url,
    bank: bank.url,
    esimAccess: esimAccess.url,
    mailbox: mailbox.url,
    smtp: `smtp://127.0.0.1:${mailbox.smtpPort}`,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
