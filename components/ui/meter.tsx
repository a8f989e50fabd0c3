import type { ReactNode } from "react";

export type Tone = "good" | "warn" | "bad" | "plain";

/** How much is left, as a bar. `label` says the same in words; SVG, so that no inline style is needed. */
export function Meter({
  percent,
  tone,
  label,
}: {
  readonly percent: number;
  readonly tone: Tone;
  readonly label: string;
}): ReactNode {
  return (
    <svg
      className={`meter ${tone}`}
      role="img"
      aria-label={label}
      viewBox="0 0 100 1"
      preserveAspectRatio="none"
    >
      <rect width={percent} height="1" />
    </svg>
  );
}
