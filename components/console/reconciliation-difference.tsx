import type { ReactNode } from "react";
import { problemAt } from "#components/forms/error-summary.tsx";
import { Field } from "#components/forms/field.tsx";
import { Facts } from "#components/ui/facts.tsx";
import type { OpenDifference } from "#lib/domain/reconciliation.ts";
import { formatDate, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";
import type { PresentedAnswer } from "#lib/web/present-answer.ts";

interface Props {
  readonly difference: OpenDifference;
  readonly reader: Reader;
  readonly mayResolve: boolean;
  /** What was wrong with resolving, and what had been typed. */
  readonly resolved: PresentedAnswer;
  readonly resolve: (data: FormData) => Promise<void>;
}

/** One difference: what both sides say, what it means, what to do, and a way to say that it is explained. */
export function DifferenceCard(props: Props): ReactNode {
  const { difference, reader } = props;
  const t = translator(reader.locale, "reconciliation");
  const { id, kind, orderNumber } = difference;
  return (
    <article className="card stack" aria-labelledby={`kind-${id}`}>
      <div className="row between">
        <h3 id={`kind-${id}`}>{t(`kind.${kind ?? "other"}`)}</h3>
        <span className="small soft">
          {t("since", { time: formatDate(difference.firstSeenAt, reader, "full") })}
        </span>
      </div>
      <p className="prose">{t(`advice.${kind ?? "other"}`)}</p>
      <Facts
        items={[
          [t("expected"), <Said key="expected" text={difference.expected} reader={reader} />],
          [t("actual"), <Said key="actual" text={difference.actual} reader={reader} />],
          orderNumber === null
            ? null
            : [
                t("order"),
                <a key="order" href={`/console/orders/${orderNumber}`}>
                  {orderNumber}
                </a>,
              ],
          [
            t("subject"),
            <span key="subject" className="code">
              {difference.subject}
            </span>,
          ],
          [t("lastSeen"), formatDate(difference.lastSeenAt, reader, "full")],
        ]}
      />
      {props.mayResolve && <Resolve {...props} />}
    </article>
  );
}

/** As it was found; what providers say may be in any script. */
function Said({ text, reader }: { readonly text: string; readonly reader: Reader }): ReactNode {
  if (text === "nothing") return translator(reader.locale, "reconciliation")("nothing");
  return <bdi className="code">{text}</bdi>;
}

function Resolve({ difference, reader, resolved, resolve }: Props): ReactNode {
  const t = translator(reader.locale, "reconciliation");
  const { id } = difference;
  const isThis = resolved.values["differenceId"] === id;
  return (
    <details open={isThis}>
      <summary>{t("resolve")}</summary>
      <form action={resolve} noValidate className="stack">
        <input type="hidden" name="differenceId" value={id} />
        <Field
          name="reason"
          form={id}
          label={t("reason")}
          type="text"
          autoComplete="off"
          maxLength={500}
          hint={t("reasonHint")}
          value={isThis ? resolved.values["reason"] : undefined}
          problem={isThis ? problemAt(resolved.problems, "reason") : null}
        />
        <div>
          <button className="btn quiet">{t("resolveSubmit")}</button>
        </div>
      </form>
    </details>
  );
}
