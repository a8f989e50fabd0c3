import type { Call } from "./call.ts";
import { badField } from "./errors.ts";
import { read, transactionQuery } from "./requests.ts";
import { compact, searchTime } from "./world.ts";
import type { KeptTransaction } from "./world.ts";

const longestRangeMs = 31 * 24 * 3_600_000;
const mostLines = 10_000;
const accountNumber = "SANDB0XMERCHANT";

/**
 * The account's history, oldest first. PayPal's own needs up to three hours to know a transaction;
 * here it knows at once, unless a `lookup_blind` fault says otherwise.
 */
export function listTransactions({ world, query, blindMs }: Call) {
  const wanted = read(transactionQuery, query, "query");
  const [start, end] = [Date.parse(wanted.start_date), Date.parse(wanted.end_date)];
  if (end < start || end - start > longestRangeMs) {
    throw badField(
      "INVALID_PARAMETER_VALUE",
      "/end_date",
      "The date range is at most 31 days, and ends after it starts.",
      "query",
    );
  }
  const known = world.standIn.clock.wall() - blindMs;
  const found = world
    .list("transaction")
    .filter(
      (line) =>
        line.createdAt >= start &&
        line.createdAt <= end &&
        line.writtenAt <= known &&
        (!wanted.transaction_id || line.transactionId === wanted.transaction_id) &&
        (!wanted.transaction_type || line.code === wanted.transaction_type) &&
        (!wanted.transaction_status || line.status === wanted.transaction_status) &&
        (!wanted.transaction_currency ||
          line.amount.currency_code === wanted.transaction_currency) &&
        (wanted.balance_affecting_records_only === "N" || movesMoney(line)),
    )
    .toSorted((a, b) => a.createdAt - b.createdAt);
  if (found.length > mostLines) {
    throw badField(
      "RESULTSET_TOO_LARGE",
      "/start_date",
      "Result set size is greater than the maximum limit. Change the filter criteria and try again.",
      "query",
    );
  }
  const { page, page_size: size } = wanted;
  return {
    status: 200,
    body: {
      transaction_details: found
        .slice((page - 1) * size, page * size)
        .map((line) => ({ transaction_info: showLine(line) })),
      account_number: accountNumber,
      start_date: searchTime(start),
      end_date: searchTime(end),
      last_refreshed_datetime: searchTime(world.now()),
      page,
      total_items: found.length,
      total_pages: Math.ceil(found.length / size),
      links: [
        {
          href: `${world.baseUrl()}/v1/reporting/transactions?${new URLSearchParams(query)}`,
          rel: "self",
          method: "GET",
        },
      ],
    },
  };
}

function movesMoney(line: KeptTransaction): boolean {
  return line.status === "S" || line.status === "V";
}

function showLine(line: KeptTransaction): object {
  return compact({
    paypal_account_id: line.payer,
    transaction_id: line.transactionId,
    paypal_reference_id: line.reference,
    paypal_reference_id_type: line.reference ? "TXN" : null,
    transaction_event_code: line.code,
    transaction_initiation_date: searchTime(line.createdAt),
    transaction_updated_date: searchTime(line.updatedAt),
    transaction_amount: line.amount,
    fee_amount: line.fee,
    transaction_status: line.status,
    invoice_id: line.invoiceId,
    custom_field: line.customId,
    protection_eligibility: "02",
  });
}
