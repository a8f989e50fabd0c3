import { requireTreasurer } from "#lib/access/policy.ts";
import { STATEMENT_MAX_BYTES } from "#lib/config/limits.ts";
import { importStatement, type ImportedStatement } from "#lib/services/bank/import-statement.ts";
import { StatementHintsInput } from "#lib/services/bank/schemas.ts";
import { runUpload } from "#lib/web/run-upload.ts";
import { IMPORT_FORM } from "../form.ts";

/** Takes a bank's statement from a member of staff. */
export async function POST(request: Request): Promise<Response> {
  return await runUpload({
    form: IMPORT_FORM,
    request,
    back: "/console/statements",
    guard: requireTreasurer,
    mostBytes: STATEMENT_MAX_BYTES,
    tooLarge: {
      code: "statement_unreadable",
      problem: { code: "file_too_large", limitBytes: STATEMENT_MAX_BYTES },
    },
    schema: StatementHintsInput,
    verb: async (actor, hints, { name, bytes }) =>
      await importStatement(actor, { fileName: name, bytes, hints }),
    keep: ["accountNumber", "currency", "decimalMark", "dateOrder"],
    next: resultPage,
  });
}

/** The page with what became of the file; a reload shows it again. */
function resultPage(imported: readonly ImportedStatement[]): string {
  const query = new URLSearchParams({ taken: imported.map(({ id }) => id).join(" ") });
  if (imported.every(({ newLineCount }) => newLineCount === 0)) query.set("again", "1");
  const notes = imported.flatMap((statement) => statement.notes);
  if (notes.length > 0) {
    const told = notes.map((note) => `${note.code}.${"count" in note ? note.count : 0}`);
    query.set("notes", told.join(" "));
  }
  return `/console/statements?${query}`;
}
