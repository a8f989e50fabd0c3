import { currentActor } from "#lib/access/session.ts";
import { renderDocumentPdf } from "#lib/documents/render-document-pdf.ts";
import { getDocument } from "#lib/services/document/get-document.ts";
import { DocumentInput } from "#lib/services/document/schemas.ts";
import { asDownload, refusedDownload } from "#lib/web/download.ts";
import { readerOf, requestView } from "#lib/web/request.ts";

/** The same document as a file; `?paper=A4` or `letter`, else by custom of the buyer's country. */
export async function GET(
  request: Request,
  { params }: { readonly params: Promise<{ number: string; documentNumber: string }> },
): Promise<Response> {
  const [actor, view, named] = await Promise.all([currentActor(), requestView(), params]);
  const input = DocumentInput.safeParse(named);
  if (!input.success) return refusedDownload({ code: "not_found" }, request.url);
  const document = await getDocument(actor, input.data);
  if (!document.ok) return refusedDownload(document.refusal, request.url);
  const paper = new URL(request.url).searchParams.get("paper");
  const file = await renderDocumentPdf(
    document.value,
    readerOf(actor, view).locale,
    paper === "A4" || paper === "letter" ? paper : undefined,
  );
  return asDownload(new Uint8Array(file), {
    name: `${document.value.number}.pdf`,
    type: "application/pdf",
  });
}
