import type { Handler } from "./call.ts";
import {
  attachMethod,
  createCustomer,
  deleteCustomer,
  detachMethod,
  listCustomers,
  listMethods,
  retrieveCustomer,
  retrieveMethod,
  updateCustomer,
} from "./customers.ts";
import {
  cancelIntent,
  confirmExisting,
  createIntent,
  listIntents,
  retrieveIntent,
  updateIntent,
} from "./payment-intents.ts";
import { listPayouts } from "./payouts.ts";
import { createRefund, list, listEvents, retrieve, updateRefund } from "./reads.ts";
import {
  createSession,
  expireSession,
  listLineItems,
  listSessions,
  retrieveSession,
} from "./sessions.ts";

/** Every address of Stripe's API that the stand-in serves; `:id` stands for an object's id. */
const routes: Record<string, Handler> = {
  "POST /v1/checkout/sessions": createSession,
  "GET /v1/checkout/sessions": listSessions,
  "GET /v1/checkout/sessions/:id": retrieveSession,
  "POST /v1/checkout/sessions/:id/expire": expireSession,
  "GET /v1/checkout/sessions/:id/line_items": listLineItems,
  "POST /v1/payment_intents": createIntent,
  "GET /v1/payment_intents": listIntents,
  "GET /v1/payment_intents/:id": retrieveIntent,
  "POST /v1/payment_intents/:id": updateIntent,
  "POST /v1/payment_intents/:id/confirm": confirmExisting,
  "POST /v1/payment_intents/:id/cancel": cancelIntent,
  "GET /v1/setup_intents/:id": retrieve(
    "setupIntent",
    "SetupIntents.d.ts",
    "SetupIntentRetrieveParams",
    "intent",
  ),
  "GET /v1/charges/:id": retrieve("charge", "Charges.d.ts", "ChargeRetrieveParams"),
  "GET /v1/charges": list("charge", "/v1/charges", "Charges.d.ts", "ChargeListParams", [
    "customer",
    "payment_intent",
    "transfer_group",
  ]),
  "POST /v1/refunds": createRefund,
  "GET /v1/refunds/:id": retrieve("refund", "Refunds.d.ts", "RefundRetrieveParams"),
  "POST /v1/refunds/:id": updateRefund,
  "GET /v1/refunds": list("refund", "/v1/refunds", "Refunds.d.ts", "RefundListParams", [
    "charge",
    "payment_intent",
  ]),
  "GET /v1/balance_transactions/:id": retrieve(
    "balanceTransaction",
    "BalanceTransactions.d.ts",
    "BalanceTransactionRetrieveParams",
  ),
  "GET /v1/balance_transactions": list(
    "balanceTransaction",
    "/v1/balance_transactions",
    "BalanceTransactions.d.ts",
    "BalanceTransactionListParams",
    ["currency", "source", "type"],
  ),
  "GET /v1/disputes/:id": retrieve("dispute", "Disputes.d.ts", "DisputeRetrieveParams"),
  "GET /v1/disputes": list("dispute", "/v1/disputes", "Disputes.d.ts", "DisputeListParams", [
    "charge",
    "payment_intent",
  ]),
  "GET /v1/payouts/:id": retrieve("payout", "Payouts.d.ts", "PayoutRetrieveParams"),
  "GET /v1/payouts": listPayouts,
  "GET /v1/events/:id": retrieve("event", "Events.d.ts", "EventRetrieveParams"),
  "GET /v1/events": listEvents,
  "POST /v1/customers": createCustomer,
  "GET /v1/customers": listCustomers,
  "GET /v1/customers/:id": retrieveCustomer,
  "POST /v1/customers/:id": updateCustomer,
  "DELETE /v1/customers/:id": deleteCustomer,
  "GET /v1/customers/:id/payment_methods": listMethods,
  "GET /v1/payment_methods": listMethods,
  "GET /v1/payment_methods/:id": retrieveMethod,
  "POST /v1/payment_methods/:id/attach": attachMethod,
  "POST /v1/payment_methods/:id/detach": detachMethod,
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
