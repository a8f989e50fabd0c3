import { join } from "node:path";
import { adminPrefix, answerAdmin, commonAdminRoutes } from "../admin.ts";
import { Clock } from "../clock.ts";
import { exchange } from "../exchange.ts";
import { Faults } from "../faults.ts";
import { HeldRequests } from "../held.ts";
import { close, listen, readRequest, writeAnswer } from "../http.ts";
import { RequestLog } from "../log.ts";
import type { SandboxSettings } from "../settings.ts";
import type { RunningStandIn, StandIn } from "../stand-in.ts";
import { Store } from "../store.ts";
import { WebhookQueue } from "../webhooks.ts";
import { stripeAdminRoutes } from "./admin.ts";
import { StripeDialect } from "./api.ts";
import { answerPage } from "./pages.ts";
import { expireDueSessions } from "./sessions.ts";
import { signatureHeader } from "./signature.ts";
import { StripeWorld } from "./world.ts";

const sweepEveryMs = 1_000;

/** Starts the Stripe stand-in: API under /v1/, hosted pages under /c/, admin under /__sandbox/. */
export async function startStripe(
  settings: SandboxSettings,
  port: number,
): Promise<RunningStandIn> {
  const store = new Store(join(settings.dataFolder, "stripe.sqlite"));
  const standIn: StandIn = {
    store,
    clock: new Clock(settings.clockOffsetSeconds),
    log: new RequestLog(store),
    faults: new Faults(store),
    held: new HeldRequests(),
    appUrl: settings.appUrl,
  };
  const secrets = settings.stripeWebhookSecret.split(",").map((secret) => secret.trim());
  let baseUrl = "";
  const world: StripeWorld = new StripeWorld({
    standIn,
    webhooks: () => webhooks,
    webhookUrl: () => `${standIn.appUrl}/api/webhooks/stripe`,
    baseUrl: () => baseUrl,
  });
  const webhooks = new WebhookQueue(
    standIn,
    ({ body }) => ({
      "stripe-signature": signatureHeader(body, secrets, Math.floor(standIn.clock.wall() / 1000)),
      "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }),
    (eventId) => {
      const event = world.find("event", eventId);
      if (event) world.save("event", { ...event, pending_webhooks: 0 });
    },
  );
  const dialect = new StripeDialect(world, settings.stripeSecretKey);
  const adminRoutes = { ...commonAdminRoutes(standIn), ...stripeAdminRoutes(world, webhooks) };

  const listening = await listen(port, async (incoming, response) => {
    const request = await readRequest(incoming);
    if (request.path.startsWith(`${adminPrefix}/`)) {
      writeAnswer(response, answerAdmin(standIn, adminRoutes, request));
      return;
    }
    const page = request.path.startsWith("/c/")
      ? store.transaction(() => answerPage(world, request))
      : null;
    if (page) writeAnswer(response, page);
    else await exchange(standIn, dialect, request, response);
  });
  baseUrl = `http://127.0.0.1:${listening.port}`;
  const sweep = setInterval(() => {
    store.transaction(() => expireDueSessions(world));
  }, sweepEveryMs);
  webhooks.wake();

  return {
    port: listening.port,
    url: baseUrl,
    async stop() {
      clearInterval(sweep);
      webhooks.stop();
      await close(listening.server);
      store.close();
    },
  };
}
