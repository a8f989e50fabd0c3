/** `inquiry`: the bank only asks. `open`: the money was taken back. `won`: returned. `lost`: it is gone. */
export type DisputeState = "inquiry" | "open" | "won" | "lost";

const AFTER: Readonly<Record<DisputeState, readonly DisputeState[]>> = {
  inquiry: ["open", "won", "lost"],
  open: ["won", "lost"],
  won: [],
  lost: [],
};

/** Whether a dispute can go from one state to another; an older report that comes late never takes it back. */
export function isDisputeStep(before: DisputeState | null, after: DisputeState): boolean {
  return before === null || AFTER[before].includes(after);
}
