import { framed } from "#app/frame.tsx";
import { OrderPages } from "#components/order/order-pages.tsx";
import { requireCustomer } from "#lib/access/session.ts";
import { translator } from "#lib/i18n/translator.ts";
import { listOrders } from "#lib/services/order/list-orders.ts";
import { businessTime } from "#lib/web/now.ts";
import { valueOf } from "#lib/web/value-of.ts";

export default framed(async ({ reader, pageNumber }) => {
  const list = valueOf(await listOrders(await requireCustomer(), { page: pageNumber }));
  return {
    title: translator(reader.locale, "order")("list"),
    section: "orders",
    body: <OrderPages {...list} reader={reader} now={businessTime()} />,
  };
});
