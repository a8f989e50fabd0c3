import { createHash, timingSafeEqual } from "node:crypto";
import { env } from "#lib/config/env.ts";
import { metrics } from "#lib/observability/metrics.ts";
import { countWork } from "#lib/services/health/count-work.ts";

export const dynamic = "force-dynamic";

/** Prometheus text for whoever has METRICS_TOKEN; not there for anybody else. */
export async function GET(request: Request): Promise<Response> {
  const token = env().METRICS_TOKEN;
  const given = request.headers.get("authorization")?.replace(/^Bearer /, "");
  if (
    token === undefined ||
    given === undefined ||
    !timingSafeEqual(digest(token), digest(given))
  ) {
    return new Response("Not found", { status: 404 });
  }
  const { registry, orders, ordersNeedingAttention, journalImbalances, oldestDueJobSeconds } =
    metrics();
  const counts = await countWork();
  orders.reset();
  for (const { state, count } of counts.orders) orders.set({ state }, count);
  ordersNeedingAttention.set(counts.ordersNeedingAttention);
  journalImbalances.set(counts.journalImbalances);
  oldestDueJobSeconds.set(counts.oldestDueJobSeconds);
  return new Response(await registry.metrics(), {
    headers: { "Content-Type": registry.contentType, "Cache-Control": "no-store" },
  });
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
