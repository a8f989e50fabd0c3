import type { ReactNode } from "react";

/** Rendered empty and filled by our script; the framework leaves such an element alone. */
const FILLED_BY_SCRIPT = { __html: "" };

/**
 * What our script keeps current (lib/web/page-script.ts): while the order is not settled it asks for the
 * page again, puts the newer part into the element beside this one, and says the new heading aloud.
 */
export function SelfRefreshing(props: {
  readonly version: string;
  readonly settled: boolean;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <>
      <div data-version={props.version} data-settled={props.settled}>
        {props.children}
      </div>
      {!props.settled && (
        <>
          <div data-fresh="" dangerouslySetInnerHTML={FILLED_BY_SCRIPT} />
          <p className="vh" role="status" data-said="" dangerouslySetInnerHTML={FILLED_BY_SCRIPT} />
        </>
      )}
    </>
  );
}
