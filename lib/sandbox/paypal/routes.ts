import type { Handler } from "./call.ts";
import { refundCaptured, showCaptured, showRefunded } from "./captures.ts";
import { listDisputes, showOneDispute } from "./disputes.ts";
import { captureOrder, createOrder, patchOrder, showOrder } from "./orders.ts";
import { listTransactions } from "./reporting.ts";
import { deleteSaved, listSaved, showSaved } from "./vault.ts";
import { verifySignature } from "./verification.ts";

/** Every address of PayPal's API that needs an access token and that the stand-in serves; `:id` stands for an object's id. */
const routes: Record<string, Handler> = {
  "POST /v2/checkout/orders": createOrder,
  "GET /v2/checkout/orders/:id": showOrder,
  "PATCH /v2/checkout/orders/:id": patchOrder,
  "POST /v2/checkout/orders/:id/capture": captureOrder,
  "GET /v2/payments/captures/:id": showCaptured,
  "POST /v2/payments/captures/:id/refund": refundCaptured,
  "GET /v2/payments/refunds/:id": showRefunded,
  "GET /v3/vault/payment-tokens": listSaved,
  "GET /v3/vault/payment-tokens/:id": showSaved,
  "DELETE /v3/vault/payment-tokens/:id": deleteSaved,
  "GET /v1/customer/disputes": listDisputes,
  "GET /v1/customer/disputes/:id": showOneDispute,
  "GET /v1/reporting/transactions": listTransactions,
  "POST /v1/notifications/verify-webhook-signature": verifySignature,
};

const patterns = Object.entries(routes).map(([key, handler]) => {
  const [method = "", path = ""] = key.split(" ");
  return { method, handler, pattern: new RegExp(`^${path.replace(":id", "([^/]+)")}$`) };
});

/** Who answers this request, and the id in its address. */
export function route(method: string, path: string): { handler: Handler; id: string } | null {
  for (const candidate of patterns) {
    const found = candidate.method === method ? candidate.pattern.exec(path) : null;
    if (found) return { handler: candidate.handler, id: decodeURIComponent(found[1] ?? "") };
  }
  return null;
}
