import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { ServerResponse } from "node:http";

/*
 * A page of the App Router cannot say its status, and `notFound()` or a thrown error makes the
 * framework send an empty document that a script fills in. Customers without scripts would see
 * nothing. So a page renders "not found" or "that did not work" like any other, and sets the status
 * on the response of its request, which Node hands out on a channel of its own (node:http,
 * "http.server.request.start").
 */
const holder = globalThis as typeof globalThis & {
  portalResponses?: AsyncLocalStorage<ServerResponse>;
};

/** Begins to keep each request's response at hand. Called once per process, by instrumentation.ts. */
export function followResponses(): void {
  if (holder.portalResponses !== undefined) return;
  const responses = new AsyncLocalStorage<ServerResponse>();
  holder.portalResponses = responses;
  subscribe("http.server.request.start", (message) => {
    responses.enterWith((message as { readonly response: ServerResponse }).response);
  });
}

/** Sets the status of the response under way. false: none is known, or it has already begun. */
export function setStatus(status: number): boolean {
  const response = holder.portalResponses?.getStore();
  if (response === undefined || response.headersSent) return false;
  response.statusCode = status;
  return true;
}
