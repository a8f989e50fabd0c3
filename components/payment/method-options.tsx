import type { ReactNode } from "react";
import { FieldProblemText, problemAt, type FormProblem } from "#components/forms/error-summary.tsx";
import type { Money } from "#lib/domain/money.ts";
import type { MethodOption } from "#lib/domain/payment-method.ts";
import { formatMoney, type Reader } from "#lib/i18n/format.ts";
import { methodName } from "#lib/i18n/payment-method.ts";
import { translator } from "#lib/i18n/translator.ts";

interface MethodOptionsProps {
  /** The suggested one first. */
  readonly options: readonly MethodOption[];
  readonly balance: Money;
  readonly reader: Reader;
  readonly problems: readonly FormProblem[];
  readonly values: Readonly<Record<string, string>>;
  readonly className?: string;
  /** Further ways, below those that can be chosen. */
  readonly children?: ReactNode;
}

/** The ways to pay, each with what happens next and whether it can renew by itself. */
export function MethodOptions(props: MethodOptionsProps): ReactNode {
  const { options, reader, problems, values } = props;
  const t = translator(reader.locale, "pay");
  const problem = problemAt(problems, "method");
  const chosen = options.find(({ value }) => value === values["method"]) ?? options[0];
  return (
    <fieldset
      className={`${props.className ?? ""} options`.trim()}
      id="method"
      aria-describedby={problem === null ? undefined : "method-wrong"}
    >
      <legend>{t("title")}</legend>
      <FieldProblemText id="method" text={problem} />
      {options.map((option) => {
        const id = `method-${option.value.replace(".", "-")}`;
        return (
          <label className="option" key={id} htmlFor={id}>
            <input
              type="radio"
              id={id}
              name="method"
              value={option.value}
              defaultChecked={option === chosen}
              data-keep={isKept(option) ? "" : undefined}
            />
            <b>{methodName(option.method, option.methodType, reader.locale)}</b>
            <span className="small soft">
              {t(option.renewsByItself ? "again" : "once", { hint: hintText(option, props) })}
            </span>
          </label>
        );
      })}
      {props.children}
      {options.some(isKept) && (
        <label className="option keep" htmlFor="saveMethod">
          <input
            type="checkbox"
            id="saveMethod"
            name="saveMethod"
            defaultChecked={values["saveMethod"] !== undefined}
          />
          <b>{t("keep")}</b>
          <span className="small soft">{t("keepText")}</span>
        </label>
      )}
    </fieldset>
  );
}

/** Whether a provider can keep it; the balance needs no keeping. */
function isKept(option: MethodOption): boolean {
  return option.renewsByItself && option.method !== "balance";
}

function hintText({ method, methodType }: MethodOption, props: MethodOptionsProps): string {
  const t = translator(props.reader.locale, "pay");
  if (method === "balance") {
    return t("hint.balance", { balance: formatMoney(props.balance, props.reader.locale) });
  }
  if (method === "bank_transfer" || methodType === "customer_balance") return t("hint.transfer");
  const isCard = method === "stripe" && (methodType ?? "card") === "card";
  return t(isCard ? "hint.card" : "hint.wallet");
}
