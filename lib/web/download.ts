import type { Refusal } from "#lib/domain/refusal.ts";

/** A personal file to be kept, not shown: nobody in between keeps a copy. */
export function asDownload(
  body: BodyInit,
  file: { readonly name: string; readonly type: string },
): Response {
  return new Response(body, {
    headers: {
      "Content-Type": file.type,
      // Our names are ASCII without quotes, so that no encoding is needed (RFC 6266).
      "Content-Disposition": `attachment; filename="${file.name}"`,
      "Cache-Control": "private, no-store",
    },
  });
}

/** Visitors are sent to sign in and come back to `url`; for everybody else there is nothing. */
export function refusedDownload(refusal: Refusal, url: string): Response {
  if (refusal.code !== "not_signed_in") {
    return new Response("Not found\n", { status: 404, headers: { "Content-Type": "text/plain" } });
  }
  const { pathname, search } = new URL(url);
  const address = `/sign-in?next=${encodeURIComponent(pathname + search)}`;
  return new Response(null, { status: 303, headers: { Location: address } });
}

/** A body that is made while it is sent, and no faster than it is taken; nobody takes it: it is not made. */
export function streamOf(parts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const next = await parts.next();
      if (next.done === true) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}
