import { framed } from "#app/frame.tsx";
import { ErrorSummary } from "#components/forms/error-summary.tsx";
import { OrderProgress } from "#components/order/order-progress.tsx";
import { SelfRefreshing } from "#components/order/self-refreshing.tsx";
import { requireCustomer } from "#lib/access/session.ts";
import { translator } from "#lib/i18n/translator.ts";
import { getOrder } from "#lib/services/order/get-order.ts";
import { waitForOrder } from "#lib/services/order/wait-for-order.ts";
import { readAnswer } from "#lib/web/form-answer.ts";
import { businessTime } from "#lib/web/now.ts";
import { presentAnswer } from "#lib/web/present-answer.ts";
import { valueOf } from "#lib/web/value-of.ts";
import { giveUp, resume } from "./actions.ts";
import { RESUME_FORM } from "./form.ts";

/**
 * An order. After paying (`?returned=1`) the answer waits for the end, with `?wait=VERSION` for
 * something new, four seconds at most; otherwise it comes at once.
 */
export default framed<{ number: string }>(async ({ params, reader, query }) => {
  const customer = await requireCustomer();
  const seen = query("wait");
  const order = valueOf(
    seen === undefined && query("returned") === undefined
      ? await getOrder(customer, params)
      : await waitForOrder(customer, { ...params, version: seen }),
  );
  const { problems } = presentAnswer(await readAnswer(RESUME_FORM), reader.locale, {});
  const t = translator(reader.locale, "order");
  return {
    title: `${t(`phase.${order.phase}`)} – ${t("title", { number: order.number })}`,
    failed: problems.length > 0,
    section: "orders",
    body: (
      <>
        <ErrorSummary locale={reader.locale} problems={problems} />
        <SelfRefreshing version={order.version} settled={order.settled}>
          <OrderProgress
            order={order}
            reader={reader}
            now={businessTime()}
            showQr={query("qr") !== undefined}
            resume={resume}
            giveUp={giveUp}
          />
        </SelfRefreshing>
      </>
    ),
  };
});
