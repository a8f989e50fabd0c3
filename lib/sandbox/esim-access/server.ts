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
import { esimAccessAdminRoutes } from "./admin.ts";
import { EsimAccessDialect } from "./api.ts";
import { allocateDueOrders } from "./commands.ts";
import { EsimAccessWorld } from "./world.ts";

const sweepEveryMs = 1_000;

/** Starts the eSIM Access stand-in: API under /api/v1/open/, admin under /__sandbox/. */
export async function startEsimAccess(
  settings: SandboxSettings,
  port: number,
): Promise<RunningStandIn> {
  const store = new Store(join(settings.dataFolder, "esim-access.sqlite"));
  const standIn: StandIn = {
    store,
    clock: new Clock(settings.clockOffsetSeconds),
    log: new RequestLog(store),
    faults: new Faults(store),
    held: new HeldRequests(),
    appUrl: settings.appUrl,
  };
  const webhooks = new WebhookQueue(standIn, () => ({}));
  const world = new EsimAccessWorld(standIn, () => webhooks);
  const dialect = new EsimAccessDialect(world, settings.esimAccessCode, settings.esimAccessSecret);
  const adminRoutes = { ...commonAdminRoutes(standIn), ...esimAccessAdminRoutes(world, webhooks) };

  const listening = await listen(port, async (incoming, response) => {
    const request = await readRequest(incoming);
    if (request.path.startsWith(`${adminPrefix}/`)) {
      writeAnswer(response, answerAdmin(standIn, adminRoutes, request));
      return;
    }
    await exchange(standIn, dialect, request, response);
  });
  const sweep = setInterval(() => {
    store.transaction(() => {
      allocateDueOrders(world);
      world.refreshAll();
    });
  }, sweepEveryMs);
  webhooks.wake();

  return {
    port: listening.port,
    url: `http://127.0.0.1:${listening.port}`,
    async stop() {
      clearInterval(sweep);
      webhooks.stop();
      await close(listening.server);
      store.close();
    },
  };
}
