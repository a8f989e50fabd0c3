import { join } from "node:path";
import { adminPrefix, answerAdmin, commonAdminRoutes } from "../admin.ts";
import { Clock } from "../clock.ts";
import { Faults } from "../faults.ts";
import { HeldRequests } from "../held.ts";
import { close, listen, readRequest, writeAnswer } from "../http.ts";
import type { Answer, Incoming } from "../http.ts";
import { RequestLog } from "../log.ts";
import type { SandboxSettings } from "../settings.ts";
import type { RunningStandIn, StandIn } from "../stand-in.ts";
import { Store } from "../store.ts";
import { Messages } from "./messages.ts";
import { listPage, messageHtml, messagePage } from "./pages.ts";
import { startSmtp } from "./smtp.ts";

/** The mailbox and the port on which it takes mail. */
export interface RunningMailbox extends RunningStandIn {
  smtpPort: number;
}

/** Starts the mailbox: SMTP in, web pages and /api/messages out, admin under /__sandbox/. */
export async function startMailbox(
  settings: SandboxSettings,
  port: number,
  smtpPort: number,
): Promise<RunningMailbox> {
  const store = new Store(join(settings.dataFolder, "mailbox.sqlite"));
  const standIn: StandIn = {
    store,
    clock: new Clock(settings.clockOffsetSeconds),
    log: new RequestLog(store),
    faults: new Faults(store),
    held: new HeldRequests(),
    appUrl: settings.appUrl,
  };
  const messages = new Messages(store);
  const adminRoutes = {
    ...commonAdminRoutes(standIn),
    "GET /state": () => ({ messages: messages.list() }),
    "POST /reset": () => {
      standIn.held.release();
      store.clear();
      standIn.log.clear();
      return { reset: true };
    },
  };
  const smtp = await startSmtp(standIn, messages, smtpPort);
  const listening = await listen(port, async (incoming, response) => {
    const request = await readRequest(incoming);
    const isAdmin = request.path.startsWith(`${adminPrefix}/`);
    const answer = isAdmin
      ? answerAdmin(standIn, adminRoutes, request)
      : answerMailbox(messages, request);
    writeAnswer(response, answer);
  });
  return {
    port: listening.port,
    url: `http://127.0.0.1:${listening.port}`,
    smtpPort: smtp.port,
    async stop() {
      await smtp.stop();
      await close(listening.server);
      store.close();
    },
  };
}

function answerMailbox(messages: Messages, request: Incoming): Answer {
  if (request.path === "/api/messages") {
    if (request.method === "DELETE") {
      messages.clear();
      return { status: 200, body: { cleared: true } };
    }
    const [to, since, subject] = ["to", "since", "subject"].map((name) => request.query.get(name));
    return {
      status: 200,
      body: messages.list({ to: to ?? null, since: since ?? null, subject: subject ?? null }),
    };
  }
  if (request.path === "/") return listPage(messages);
  const address = /^\/messages\/([^/]+)(\/html)?$/.exec(request.path);
  const message = address?.[1] ? messages.find(address[1]) : null;
  if (!message) return { status: 404, body: "Not found" };
  return address?.[2] ? messageHtml(message) : messagePage(message);
}
