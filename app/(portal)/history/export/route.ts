import { currentActor } from "#lib/access/session.ts";
import { exportHistory } from "#lib/services/history/export-history.ts";
import { HistoryInput } from "#lib/services/history/schemas.ts";
import { asDownload, refusedDownload, streamOf } from "#lib/web/download.ts";
import { historyCsv, historyJson } from "#lib/web/history-file.ts";
import { businessTime } from "#lib/web/now.ts";
import { readerOf, requestView } from "#lib/web/request.ts";

/** The whole history that the filter lets through as a file: `?format=csv` or `json`, and the page's filter. */
export async function GET(request: Request): Promise<Response> {
  const [actor, view] = await Promise.all([currentActor(), requestView()]);
  const { format, ...asked } = Object.fromEntries(new URL(request.url).searchParams);
  const filter = HistoryInput.safeParse(asked);
  if (!filter.success || (format !== "csv" && format !== "json")) {
    return refusedDownload({ code: "not_found" }, request.url);
  }
  const history = exportHistory(actor, filter.data);
  if (!history.ok) return refusedDownload(history.refusal, request.url);
  const file = { name: `history.${format}`, type: TYPES[format] };
  return asDownload(
    streamOf(
      format === "csv"
        ? historyCsv(history.value, readerOf(actor, view), businessTime())
        : historyJson(history.value),
    ),
    file,
  );
}

const TYPES = {
  csv: "text/csv; charset=utf-8",
  json: "application/json; charset=utf-8",
} as const;
