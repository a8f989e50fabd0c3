import { framed } from "#app/frame.tsx";
import { OrderPages } from "#components/order/order-pages.tsx";
import { requireCustomer } from "#lib/access/session.ts";
import { translator } from "#lib/i18n/translator.ts";
import { listOrders } from "#lib/services/order/list-orders.ts";
import { businessTime } from "#lib/web/now.ts";
import { valueOf } from "#lib/web/value-of.ts";

export default framed(async ({ reader, query }) => {
  const asked = Number(query("page") ?? 1);
  const page = Number.isSafeInteger(asked) && asked > 0 ? asked : 1;
  const list = valueOf(await listOrders(await requireCustomer(), { page }));
  return {
    title: translator(reader.locale, "order")("list"),
    section: "orders",
    body: <OrderPages {...list} reader={reader} now={businessTime()} />,
  };
});
