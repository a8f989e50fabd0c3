import { checkReadiness } from "#lib/services/health/check-readiness.ts";

export const dynamic = "force-dynamic";

/** 200 when this instance can serve, 503 with what is wrong when it cannot. */
export async function GET(): Promise<Response> {
  const { ready, ...parts } = await checkReadiness();
  return Response.json(parts, {
    status: ready ? 200 : 503,
    headers: { "Cache-Control": "no-store" },
  });
}
