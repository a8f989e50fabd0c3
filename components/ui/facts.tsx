import type { ReactNode } from "react";

/** Facts as pairs of term and value; null ones are left out. */
export function Facts({
  items,
  small = true,
}: {
  readonly items: readonly (readonly [string, ReactNode] | null)[];
  readonly small?: boolean;
}): ReactNode {
  return (
    <dl className={small ? "facts small" : "facts"}>
      {items.flatMap((item) =>
        item === null
          ? []
          : [<dt key={item[0]}>{item[0]}</dt>, <dd key={`${item[0]}=`}>{item[1]}</dd>],
      )}
    </dl>
  );
}
