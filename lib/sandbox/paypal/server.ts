import { randomUUID } from "node:crypto";
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
import { paypalAdminRoutes } from "./admin.ts";
import { PayPalDialect } from "./api.ts";
import { reverseDueApprovals } from "./orders.ts";
import { answerPage } from "./pages.ts";
import { sign } from "./signature.ts";
import { PayPalWorld, vendorTime } from "./world.ts";

const sweepEveryMs = 1_000;

/** Starts the PayPal stand-in: API under /v1/, /v2/ and /v3/, the approval page, admin under /__sandbox/. */
export async function startPayPal(
  settings: SandboxSettings,
  port: number,
): Promise<RunningStandIn> {
  const store = new Store(join(settings.dataFolder, "paypal.sqlite"));
  const standIn: StandIn = {
    store,
    clock: new Clock(settings.clockOffsetSeconds),
    log: new RequestLog(store),
    faults: new Faults(store),
    held: new HeldRequests(),
    appUrl: settings.appUrl,
  };
  const webhookId = settings.paypalWebhookId;
  let baseUrl = "";
  const world: PayPalWorld = new PayPalWorld({
    standIn,
    webhooks: () => webhooks,
    webhookUrl: () => `${standIn.appUrl}/api/webhooks/paypal`,
    baseUrl: () => baseUrl,
  });
  const webhooks = new WebhookQueue(standIn, ({ body }) => {
    const id = randomUUID();
    const time = vendorTime(standIn.clock.wall());
    return {
      "paypal-auth-algo": "SHA256withRSA",
      "paypal-cert-url": `${baseUrl}/v1/notifications/certs/CERT-360caa42-fca2a594-sandbox`,
      "paypal-transmission-id": id,
      "paypal-transmission-sig": sign(store, { id, time, webhookId, body }),
      "paypal-transmission-time": time,
      "user-agent": "PayPal/AUHR-214.0-58417283",
    };
  });
  const dialect = new PayPalDialect(world, settings.paypalClientId, settings.paypalClientSecret);
  const adminRoutes = { ...commonAdminRoutes(standIn), ...paypalAdminRoutes(world, webhooks) };

  const listening = await listen(port, async (incoming, response) => {
    const request = await readRequest(incoming);
    if (request.path.startsWith(`${adminPrefix}/`)) {
      writeAnswer(response, answerAdmin(standIn, adminRoutes, request));
      return;
    }
    const page = store.transaction(() => answerPage(world, request));
    if (page) writeAnswer(response, page);
    else await exchange(standIn, dialect, request, response);
  });
  baseUrl = `http://127.0.0.1:${listening.port}`;
  const sweep = setInterval(() => {
    store.transaction(() => reverseDueApprovals(world));
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
