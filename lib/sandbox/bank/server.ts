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
import { bankAdminRoutes } from "./admin.ts";
import { BankDialect } from "./api.ts";
import { answerBankPage } from "./pages.ts";
import { BankWorld } from "./world.ts";

/** Starts the bank: statements under /statements/, a page to transfer from, admin under /__sandbox/. */
export async function startBank(settings: SandboxSettings, port: number): Promise<RunningStandIn> {
  const store = new Store(join(settings.dataFolder, "bank.sqlite"));
  const standIn: StandIn = {
    store,
    clock: new Clock(settings.clockOffsetSeconds),
    log: new RequestLog(store),
    faults: new Faults(store),
    held: new HeldRequests(),
    appUrl: settings.appUrl,
  };
  const world = new BankWorld(standIn);
  const dialect = new BankDialect(world);
  const adminRoutes = { ...commonAdminRoutes(standIn), ...bankAdminRoutes(world) };

  const listening = await listen(port, async (incoming, response) => {
    const request = await readRequest(incoming);
    if (request.path.startsWith(`${adminPrefix}/`)) {
      writeAnswer(response, answerAdmin(standIn, adminRoutes, request));
      return;
    }
    const page = store.transaction(() => answerBankPage(world, request));
    if (page) writeAnswer(response, page);
    else await exchange(standIn, dialect, request, response);
  });

  return {
    port: listening.port,
    url: `http://127.0.0.1:${listening.port}`,
    async stop() {
      await close(listening.server);
      store.close();
    },
  };
}
