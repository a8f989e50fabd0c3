import type { HTMLInputTypeAttribute, ReactNode } from "react";
import { fieldId, FieldProblemText } from "./error-summary.tsx";

/** A labelled text field, or one for a file; `name` is its id too, unless it stands in several forms. */
export function Field(props: {
  readonly name: string;
  /** Tells it from the fields of the same name in other forms of the page. */
  readonly form?: string;
  readonly label: string;
  readonly type: HTMLInputTypeAttribute;
  readonly value?: string | undefined;
  readonly problem?: string | null;
  /** What to write, where the label does not say it. */
  readonly hint?: string;
  readonly autoComplete?: string;
  readonly accept?: string;
  readonly min?: string;
  readonly maxLength?: number;
  readonly inputMode?: "decimal" | "numeric" | "tel" | "email";
}): ReactNode {
  const { name, form, label, value, problem = null, hint, ...attributes } = props;
  const id = fieldId(name, form);
  const described = describedBy(id, problem !== null, hint !== undefined);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <FieldProblemText id={id} text={problem} />
      {/* What is not there is not written: every page is sent with its data a second time. */}
      <input
        id={id}
        name={name}
        defaultValue={value}
        {...attributes}
        {...(problem === null ? {} : { "aria-invalid": true })}
        {...(described === undefined ? {} : { "aria-describedby": described })}
      />
      {hint !== undefined && (
        <p className="small soft" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

function describedBy(id: string, isWrong: boolean, hasHint: boolean): string | undefined {
  const ids = [...(isWrong ? [`${id}-wrong`] : []), ...(hasHint ? [`${id}-hint`] : [])];
  return ids.length === 0 ? undefined : ids.join(" ");
}

/** A labelled choice from a list; `any` is the entry that stands for all, where there is one. */
export function Choice(props: {
  readonly name: string;
  /** As with {@link Field}. */
  readonly form?: string;
  readonly label: string;
  readonly value: string | undefined;
  readonly any?: string;
  readonly options: readonly (readonly [string, string])[];
  readonly problem?: string | null;
  readonly autoComplete?: string;
}): ReactNode {
  const { name, problem = null } = props;
  const id = fieldId(name, props.form);
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <FieldProblemText id={id} text={problem} />
      <select
        id={id}
        name={name}
        defaultValue={props.value ?? ""}
        autoComplete={props.autoComplete}
        aria-invalid={problem === null ? undefined : true}
        aria-describedby={describedBy(id, problem !== null, false)}
      >
        {props.any !== undefined && <option value="">{props.any}</option>}
        {props.options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
