import type { HTMLInputTypeAttribute, ReactNode } from "react";
import { FieldProblemText } from "./error-summary.tsx";

/** A labelled text field; `name` is its id too. */
export function Field(props: {
  readonly name: string;
  readonly label: string;
  readonly type: HTMLInputTypeAttribute;
  readonly value?: string | undefined;
  readonly problem?: string | null;
  readonly autoComplete?: string;
  readonly min?: string;
  readonly inputMode?: "decimal" | "numeric" | "tel";
}): ReactNode {
  const { name, problem = null } = props;
  return (
    <div className="field">
      <label htmlFor={name}>{props.label}</label>
      <FieldProblemText id={name} text={problem} />
      <input
        id={name}
        name={name}
        type={props.type}
        defaultValue={props.value}
        autoComplete={props.autoComplete}
        min={props.min}
        inputMode={props.inputMode}
        aria-invalid={problem === null ? undefined : true}
        aria-describedby={problem === null ? undefined : `${name}-wrong`}
      />
    </div>
  );
}

/** A labelled choice from a list; `any` is the entry that stands for all, where there is one. */
export function Choice(props: {
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
  readonly any?: string;
  readonly options: readonly (readonly [string, string])[];
}): ReactNode {
  return (
    <div className="field">
      <label htmlFor={props.name}>{props.label}</label>
      <select id={props.name} name={props.name} defaultValue={props.value ?? ""}>
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
