/** Runs once when the server starts: a bad or missing setting stops it here, each one named. */
export async function register(): Promise<void> {
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return;
  const { env } = await import("#lib/config/env.ts");
  const { APP_ENV } = env();
  const { followResponses } = await import("#lib/web/response-status.ts");
  followResponses();
  if (APP_ENV === "development") return;
  const { deliverPages } = await import("#lib/web/page-delivery.ts");
  deliverPages();
}
