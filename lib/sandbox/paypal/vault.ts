import type { Call } from "./call.ts";
import { noQuery, read, tokenQuery } from "./requests.ts";
import { showToken } from "./show.ts";
import type { KeptToken, PayPalWorld } from "./world.ts";

export function showSaved({ world, id }: Call) {
  return { status: 200, body: showToken(world, world.get("token", id)) };
}

/** `DELETE`: the shop forgets a saved wallet; charging it later is refused. */
export function deleteSaved({ world, id, query }: Call) {
  read(noQuery, query, "query");
  forgetWallet(world, world.get("token", id));
  return { status: 204, body: "" };
}

/** Forgets a saved wallet, and tells the shop, also when the payer did it. */
export function forgetWallet(world: PayPalWorld, token: KeptToken): void {
  world.standIn.store.remove("token", token.id);
  world.emit({
    type: "VAULT.PAYMENT-TOKEN.DELETED",
    resourceType: "payment_token",
    summary: "A payment token has been deleted.",
    resource: showToken(world, token),
  });
}

export function listSaved({ world, query }: Call) {
  const {
    customer_id: customer,
    page,
    page_size: size,
    total_required,
  } = read(tokenQuery, query, "query");
  const tokens = world.list("token", { customer });
  const shown = tokens.slice((page - 1) * size, page * size);
  return {
    status: 200,
    body: {
      customer: { id: customer },
      payment_tokens: shown.map((token) => showToken(world, token)),
      ...(total_required === "true"
        ? { total_items: tokens.length, total_pages: Math.ceil(tokens.length / size) }
        : {}),
      links: [
        {
          href: `${world.baseUrl()}/v3/vault/payment-tokens?customer_id=${customer}&page=${page}&page_size=${size}`,
          rel: "self",
          method: "GET",
        },
      ],
    },
  };
}
