import { notFound } from "next/navigation";
import { framed } from "#app/frame.tsx";
import { DocumentPage } from "#components/document/document-page.tsx";
import { requireCustomer } from "#lib/access/session.ts";
import { documentSheet } from "#lib/i18n/document.ts";
import { getDocument } from "#lib/services/document/get-document.ts";
import { DocumentInput } from "#lib/services/document/schemas.ts";
import { valueOf } from "#lib/web/value-of.ts";

/** A receipt, invoice or credit note, ready to print; for its owner, and for staff. */
export default framed<{ number: string; documentNumber: string }>(
  async ({ params, reader, actor }) => {
    const isStaff = actor.kind === "staff";
    const input = DocumentInput.safeParse(params);
    const who = isStaff ? actor : await requireCustomer();
    if (!input.success) notFound();
    const document = valueOf(await getDocument(who, input.data));
    return {
      title: documentSheet(document, reader.locale).title,
      section: isStaff ? "search" : "orders",
      body: (
        <DocumentPage
          document={document}
          locale={reader.locale}
          back={`${isStaff ? "/console" : ""}/orders/${document.orderNumber}`}
        />
      ),
    };
  },
);
