import { z } from "zod";
import { faultSchema } from "./faults.ts";
import { parseJson } from "./http.ts";
import type { Answer, Incoming } from "./http.ts";
import type { StandIn } from "./stand-in.ts";

/** One admin call; what it returns is answered as JSON with 200. */
export type AdminRoute = (body: unknown, request: Incoming) => unknown;

/** Routes by "METHOD /path below /__sandbox". */
export type AdminRoutes = Record<string, AdminRoute>;

export const adminPrefix = "/__sandbox";

/** The admin calls that every stand-in has: log, faults, held requests, clock. */
export function commonAdminRoutes(standIn: StandIn): AdminRoutes {
  const { clock, faults, held, log } = standIn;
  const releaseSchema = z.union([
    z.strictObject({ id: z.number().int() }),
    z.strictObject({ all: z.literal(true) }),
  ]);
  return {
    "GET /log": (_body, request) => log.list(Number(request.query.get("since") ?? 0)),
    "DELETE /log": () => {
      log.clear();
      return { cleared: true };
    },
    "GET /faults": () => faults.list(),
    "POST /faults": (body) => faults.add(faultSchema.parse(body)),
    "DELETE /faults": (_body, request) => {
      const id = request.query.get("id");
      if (id) return { removed: faults.remove(id) };
      faults.clear();
      return { cleared: true };
    },
    "GET /held": () => held.list(),
    "POST /release": (body) => {
      const wanted = releaseSchema.parse(body);
      return { released: held.release("id" in wanted ? wanted.id : undefined) };
    },
    "POST /clock": (body) => {
      clock.shiftTo(z.strictObject({ offsetSeconds: z.number().int() }).parse(body).offsetSeconds);
      return { now: new Date(clock.now()).toISOString() };
    },
    /** Where webhooks go from now on (until the process ends). */
    "POST /app-url": (body) => {
      const { url } = z.strictObject({ url: z.url() }).parse(body);
      standIn.appUrl = url.replace(/\/+$/, "");
      return { appUrl: standIn.appUrl };
    },
  };
}

/** An admin call that cannot be done, with the reason. */
export class AdminRefusal extends Error {
  readonly status: number;

  constructor(message: string, status = 404) {
    super(message);
    this.status = status;
  }
}

/**
 * Answers a call below /__sandbox/; each runs in one transaction.
 * Unknown calls are 404, bodies of the wrong shape 400 with zod's reasons.
 */
export function answerAdmin(standIn: StandIn, routes: AdminRoutes, request: Incoming): Answer {
  const path = request.path.slice(adminPrefix.length);
  const route = routes[`${request.method} ${path}`];
  if (!route) {
    return { status: 404, body: { error: "No such admin call", calls: Object.keys(routes) } };
  }
  try {
    const body = standIn.store.transaction(() => route(parseJson(request.rawBody), request));
    return { status: 200, body };
  } catch (error) {
    if (error instanceof z.ZodError)
      return { status: 400, body: { error: z.prettifyError(error) } };
    if (error instanceof AdminRefusal)
      return { status: error.status, body: { error: error.message } };
    throw error;
  }
}
