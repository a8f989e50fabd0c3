import type { ReactNode } from "react";
import type { DocumentLink } from "#lib/domain/document.ts";
import { documentKindName } from "#lib/i18n/document.ts";
import type { Locale } from "#lib/domain/locale.ts";

/** The issued documents of an order, each as a link to its page. */
export function DocumentLinks({
  orderNumber,
  documents,
  locale,
}: {
  readonly orderNumber: string;
  readonly documents: readonly DocumentLink[];
  readonly locale: Locale;
}): ReactNode {
  return documents.map((document) => (
    <p key={document.number}>
      {documentKindName(document.kind, locale)}{" "}
      <a className="nowrap" href={`/orders/${orderNumber}/documents/${document.number}`}>
        {document.number}
      </a>
    </p>
  ));
}
