import { z } from "zod";
import { AdminRefusal } from "../admin.ts";
import { escapeHtml as h, seeOther } from "../http.ts";
import type { Answer, Incoming } from "../http.ts";
import { transferSchema } from "./admin.ts";
import { csvVariants } from "./csv.ts";
import { toText } from "./money.ts";
import type { Account, BankWorld } from "./world.ts";

const style = `:root{color-scheme:light dark;--ink:#15202b;--soft:#5b6875;--line:#d5dce3;--page:#f4f6f8;--card:#fff;--accent:#0b5cad;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf2;--soft:#a3b0bd;--line:#33404d;--page:#0f151b;--card:#18212b;--accent:#7db7f5;--bad:#ffb4ab}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.5 system-ui,"PingFang SC","Noto Sans CJK SC",sans-serif}
main{max-width:60rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}a{color:var(--accent)}
.soft{color:var(--soft);font-size:.9rem}.bad{color:var(--bad)}.card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1rem;overflow-x:auto}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-top:1px solid var(--line);vertical-align:top}td.amount{text-align:right;white-space:nowrap}
form{display:grid;gap:.75rem;grid-template-columns:repeat(auto-fit,minmax(12rem,1fr));align-items:end}label{display:grid;gap:.25rem}input{font:inherit;padding:.5rem;border:1px solid var(--line);border-radius:.5rem;background:var(--page);color:var(--ink);min-width:0}button{font:inherit;padding:.55rem 1rem;border:0;border-radius:.5rem;background:var(--accent);color:var(--card)}`;

const fields = [
  ["account", "To account"],
  ["currency", "Currency"],
  ["amount", "Amount"],
  ["name", "Your name"],
  ["text", "Reference"],
] as const;

/** The bank's page, on which a customer's transfer can be made and statements downloaded; null for other paths. */
export function answerBankPage(world: BankWorld, request: Incoming): Answer | null {
  if (request.path === "/" && request.method === "GET") return page(world, request.query, null);
  if (request.path !== "/transfers" || request.method !== "POST") return null;
  const form = new URLSearchParams(request.rawBody);
  const given = Object.fromEntries(fields.map(([name]) => [name, form.get(name)?.trim() ?? ""]));
  const account = (given["account"] ?? "").replace(/[\s]/g, "").toUpperCase();
  try {
    world.book(transferSchema.parse({ ...given, account }));
    return seeOther("/?done=1");
  } catch (error) {
    if (error instanceof z.ZodError) return page(world, form, z.prettifyError(error));
    if (error instanceof AdminRefusal) return page(world, form, error.message);
    throw error;
  }
}

function page(world: BankWorld, values: URLSearchParams, problem: string | null): Answer {
  const inputs = fields.map(
    ([name, label]) =>
      `<label>${label}<input name="${name}" required value="${h(values.get(name) ?? "")}"></label>`,
  );
  const said = problem ? `<p class="bad" role="alert">${h(problem)}</p>` : "";
  const done = values.get("done") ? `<p role="status">The transfer is booked.</p>` : "";
  const accounts = world.accounts().map((each) => accountSection(world, each));
  const body = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Bank</title><link rel="icon" href="data:,"><style>${style}</style></head><body><main><h1>Bank</h1><p class="soft">Stands in for a bank. No money moves.</p>${done}${said}<div class="card"><form method="post" action="/transfers">${inputs.join("")}<button>Transfer</button></form></div>${accounts.join("")}</main></body></html>`;
  return {
    status: problem ? 400 : 200,
    body,
    headers: {
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'",
    },
  };
}

function accountSection(world: BankWorld, account: Account): string {
  const transfers = world.transfers(account.account);
  const [first, last] = [transfers[0]?.bookedOn, transfers.at(-1)?.bookedOn];
  const today = world.today();
  const period = `from=${first ?? today}&amp;to=${last !== undefined && last > today ? last : today}`;
  const base = `/statements/${account.account}`;
  const links = [
    `<a href="${base}.camt053.xml?${period}">CAMT.053</a>`,
    ...csvVariants.map(
      (variant) => `<a href="${base}.csv?${period}&amp;variant=${variant}">CSV (${variant})</a>`,
    ),
  ];
  const rows = transfers
    .slice(-50)
    .toReversed()
    .map((each) => {
      const amount = toText(BigInt(each.amountMinor), account.currency, { mark: ".", group: "," });
      return `<tr><td>${each.bookedOn}</td><td>${h(each.name)}</td><td>${h(each.text)}</td><td class="amount">${amount} ${account.currency}</td></tr>`;
    });
  return `<h2>${h(account.holder)} · ${h(account.account)}</h2><p>${links.join(" · ")}</p><div class="card"><table><thead><tr><th>Booked</th><th>Name</th><th>Reference</th><th>Amount</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}
