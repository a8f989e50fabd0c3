import { framed } from "#app/frame.tsx";
import { StaffOrderPage } from "#components/console/staff-order-page.tsx";
import { requireStaff } from "#lib/access/session.ts";
import { translator } from "#lib/i18n/translator.ts";
import { getStaffOrder } from "#lib/services/console/get-staff-order.ts";
import { readAnswer } from "#lib/web/form-answer.ts";
import { presentAnswer } from "#lib/web/present-answer.ts";
import { valueOf } from "#lib/web/value-of.ts";
import { giveBack, putOnBalance, resolve } from "./actions.ts";
import { ATTENTION_FORM, REDIRECT_FORM, REFUND_FORM } from "./form.ts";

/** One order as the books have it, and what can be put right about its money. */
export default framed<{ number: string }>(async ({ params, reader }) => {
  const staff = await requireStaff();
  const order = valueOf(await getStaffOrder(staff, params));
  const given = presentAnswer(await readAnswer(REFUND_FORM), reader.locale, FIELDS);
  const redirected = presentAnswer(await readAnswer(REDIRECT_FORM), reader.locale, {});
  const resolved = presentAnswer(await readAnswer(ATTENTION_FORM), reader.locale, {});
  const problems = [given, redirected, resolved].flatMap((answer) => answer.problems);
  return {
    title: translator(reader.locale, "staffOrder")("title", { number: order.number }),
    failed: problems.length > 0,
    section: "search",
    body: (
      <StaffOrderPage
        order={order}
        reader={reader}
        given={given}
        redirected={redirected}
        resolved={resolved}
        resolve={resolve}
        giveBack={giveBack}
        putOnBalance={putOnBalance}
      />
    ),
  };
});

const FIELDS = { needs_lead: "amount", topup_spent: "amount" } as const;
