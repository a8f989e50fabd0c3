import { framed } from "#app/frame.tsx";
import { CancelOrder } from "#components/order/cancel-order.tsx";
import { requireCustomer } from "#lib/access/session.ts";
import { translator } from "#lib/i18n/translator.ts";
import { getOrder } from "#lib/services/order/get-order.ts";
import { readAnswer } from "#lib/web/form-answer.ts";
import { businessTime } from "#lib/web/now.ts";
import { presentAnswer } from "#lib/web/present-answer.ts";
import { valueOf } from "#lib/web/value-of.ts";
import { cancel } from "./actions.ts";
import { CANCEL_FORM } from "./form.ts";

/** What cancelling a booked period means, and the button that does it. */
export default framed<{ number: string }>(async ({ params, reader }) => {
  const customer = await requireCustomer();
  const order = valueOf(await getOrder(customer, params));
  const { problems, values } = presentAnswer(await readAnswer(CANCEL_FORM), reader.locale, {});
  return {
    title: translator(reader.locale, "cancelOrder")("title"),
    failed: problems.length > 0,
    section: "orders",
    body: (
      <CancelOrder
        order={order}
        reader={reader}
        now={businessTime()}
        action={cancel}
        problems={problems}
        destination={values["destination"]}
      />
    ),
  };
});
