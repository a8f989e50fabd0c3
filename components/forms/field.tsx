import type { HTMLInputTypeAttribute, ReactNode } from "react";
import { FieldProblemText } from "./error-summary.tsx";

/** A labelled text field; `name` is its id too. */
export function Field(props: {
  readonly name: string;
  readonly label: string;
  readonly type: HTMLInputTypeAttribute;
  readonly value?: string | undefined;
  readonly problem?: string | null;
  /** What to write, where the label does not say it. */
  readonly hint?: string;
  readonly autoComplete?: string;
  readonly min?: string;
  readonly maxLength?: number;
  readonly inputMode?: "decimal" | "numeric" | "tel" | "email";
}): ReactNode {
  const { name, label, value, problem = null, hint, ...attributes } = props;
  const described = describedBy(name, problem !== null, hint !== undefined);
  return (
    <div className="field">
      <label htmlFor={name}>{label}</label>
      <FieldProblemText id={name} text={problem} />
      {/* What is not there is not written: every page is sent with its data a second time. */}
      <input
        id={name}
        name={name}
        defaultValue={value}
        {...attributes}
        {...(problem === null ? {} : { "aria-invalid": true })}
        {...(described === undefined ? {} : { "aria-describedby": described })}
      />
      {hint !== undefined && (
        <p className="small soft" id={`${name}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

function describedBy(name: string, isWrong: boolean, hasHint: boolean): string | undefined {
  const ids = [...(isWrong ? [`${name}-wrong`] : []), ...(hasHint ? [`${name}-hint`] : [])];
  return ids.length === 0 ? undefined : ids.join(" ");
}

/** A labelled choice from a list; `any` is the entry that stands for all, where there is one. */
export function Choice(props: {
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
  readonly any?: string;
  readonly options: readonly (readonly [string, string])[];
  readonly problem?: string | null;
  readonly autoComplete?: string;
}): ReactNode {
  const { name, problem = null } = props;
  return (
    <div className="field">
      <label htmlFor={name}>{props.label}</label>
      <FieldProblemText id={name} text={problem} />
      <select
        id={name}
        name={name}
        defaultValue={props.value ?? ""}
        autoComplete={props.autoComplete}
        aria-invalid={problem === null ? undefined : true}
        aria-describedby={describedBy(name, problem !== null, false)}
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
