import type { Portal } from "./portal.ts";
import { giveOrder } from "./orders.ts";
import { PLENTY } from "./traveller.ts";

/** What the pages are made with; a browser test's portal has it, and so has the bench. */
export type Stage = Pick<Portal, "open" | "giveTraveller" | "demoPerson" | "rows">;

/** A page that somebody can open, and how to get it into the situation it is looked at in. */
export interface KnownPage {
  readonly name: string;
  readonly path: string;
  readonly as: { readonly accountId: string } | null;
  /** 200 unless told. */
  readonly status?: number;
}

/** Every page a customer or visitor can open, in all the situations in which it looks different. */
export async function customerPages(portal: Stage): Promise<readonly KnownPage[]> {
  const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
  const number = await giveOrder(portal, traveller, "as-5gb-30d");
  const omar = await portal.demoPerson("omar");
  const omarsOrders = await portal.rows<{ order_number: string; iccid: string; state: string }>(
    "SELECT order_number, iccid, state FROM audit.orders WHERE customer_email = $1 ORDER BY placed_at",
    [omar.email],
  );
  const noor = await portal.demoPerson("noor");
  const [noors] = await portal.rows<{ iccid: string }>(
    "SELECT iccid FROM esim WHERE account_id = $1",
    [noor.accountId],
  );
  const receipts = await portal.rows<{ number: string; order_number: string }>(
    `SELECT d.number, o.number AS order_number FROM document d JOIN "order" o ON o.id = d.order_id
      WHERE o.account_id = $1 AND d.number IS NOT NULL ORDER BY d.kind, d.number LIMIT 3`,
    [omar.accountId],
  );
  const esim = `/esims/${traveller.iccid}`;
  const own = (name: string, path: string): KnownPage => ({ name, path, as: traveller });
  return [
    { name: "home", path: "/", as: null },
    { name: "plans", path: "/plans", as: null },
    { name: "help", path: "/help", as: null },
    { name: "sign in", path: "/sign-in", as: null },
    own("dashboard", "/dashboard"),
    { name: "dashboard, many eSIMs", path: "/dashboard", as: omar },
    { name: "dashboard, no eSIM", path: "/dashboard", as: await portal.demoPerson("new") },
    own("eSIM", esim),
    own("install", `${esim}/install`),
    own("choose a plan", `${esim}/renew`),
    own("choose, nothing fits", `${esim}/renew?term=day&country=AQ`),
    { name: "choose, expired eSIM", path: `/esims/${noors?.iccid}/renew`, as: noor },
    own("check and pay", `${esim}/renew?plan=as-10gb-30d`),
    own("check and pay, loss", `${esim}/renew?plan=as-20gb-30d-fresh`),
    own("check and pay, start", `${esim}/renew?plan=as-10gb-30d-next`),
    own("check and pay, refused", `${esim}/renew?plan=eu-20gb-30d`),
    own("orders", "/orders"),
    own("settings", "/settings"),
    { name: "settings, filled", path: "/settings", as: await portal.demoPerson("emma") },
    { name: "settings, company", path: "/settings", as: await portal.demoPerson("sato") },
    own("order, live", `/orders/${number}`),
    ...omarsOrders
      .filter(({ state }) => state === "held")
      .map(({ order_number: each }) => ({
        name: "cancel a booked plan",
        path: `/orders/${each}/cancel`,
        as: omar,
      })),
    ...omarsOrders.map(({ order_number: each }, index) => ({
      name: `order of omar ${index + 1}`,
      path: `/orders/${each}`,
      as: omar,
    })),
    ...receipts.map((receipt, index) => ({
      name: `document of omar ${index + 1}`,
      path: `/orders/${receipt.order_number}/documents/${receipt.number}`,
      as: omar,
    })),
    own("history", "/history"),
    { name: "history, many entries", path: "/history", as: omar },
    { name: "history, nothing fits", path: "/history?kind=payment&to=2020-01-01", as: omar },
    { ...own("not found", "/orders/AX-0000-0000"), status: 404 },
    { name: "not found, visitor", path: "/nothing/here", as: null, status: 404 },
  ];
}

/** Every page of the console. */
export async function staffPages(portal: Stage): Promise<readonly KnownPage[]> {
  const lead = await portal.demoPerson("lead");
  const omar = await portal.demoPerson("omar");
  const [order] = await portal.rows<{ number: string }>(
    `SELECT o.number FROM "order" o JOIN refund r ON r.order_id = o.id WHERE o.account_id = $1 LIMIT 1`,
    [omar.accountId],
  );
  return [
    { name: "console", path: "/console", as: lead },
    { name: "console, found", path: "/console?query=omar", as: lead },
    { name: "console, nothing found", path: "/console?query=nobody@nowhere.example", as: lead },
    { name: "account", path: `/console/accounts/${omar.accountId}`, as: lead },
    { name: "attention", path: "/console/attention", as: lead },
    { name: "bank statements", path: "/console/statements", as: lead },
    { name: "reconciliation", path: "/console/reconciliation", as: lead },
    { name: "staff's order", path: `/console/orders/${order?.number}`, as: lead },
  ];
}
