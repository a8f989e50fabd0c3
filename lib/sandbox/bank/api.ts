import type { ApiAnswer, Dialect, RequestSummary } from "../exchange.ts";
import type { Fault } from "../faults.ts";
import type { Incoming } from "../http.ts";
import { camtVersions, writeCamt053 } from "./camt053.ts";
import { csvVariants, writeCsv } from "./csv.ts";
import { assembleStatement } from "./statement.ts";
import type { BankStatement } from "./statement.ts";
import { distortStatement } from "./statement-faults.ts";
import type { BankWorld } from "./world.ts";

/** A file that was given out, kept so that it can be given out again. */
interface GivenFile {
  contentType: string;
  base64: string;
}

const day = /^\d{4}-\d{2}-\d{2}$/;

/** How the bank gives out files: statements by account and period, as a download. */
export class BankDialect implements Dialect {
  readonly #world: BankWorld;

  constructor(world: BankWorld) {
    this.#world = world;
  }

  summarise(request: Incoming): RequestSummary {
    return { params: Object.fromEntries(request.query), idempotencyKey: null, transactionId: null };
  }

  handle(request: Incoming): ApiAnswer {
    const [, number = "", format] =
      /^\/statements\/([^/]+)\.(camt053\.xml|csv)$/.exec(request.path) ?? [];
    const account = this.#world.findAccount(number);
    if (format === undefined || request.method !== "GET") return problem(404, "no_such_page");
    if (!account) return problem(404, "no_such_account");
    const today = this.#world.today();
    const [from, to] = [request.query.get("from") ?? today, request.query.get("to") ?? today];
    if (!day.test(from) || !day.test(to) || from > to) return problem(400, "wrong_period");

    const { store, faults } = this.#world.standIn;
    const fault = faults.take(["statement"], request);
    const kept = `${account.account}.${format}`;
    const before = fault?.how === "same_file" ? store.find<GivenFile>("file", kept) : null;
    if (before) return answer(before);

    const transfers = this.#world
      .transfers(account.account)
      .map((each) => ({ ...each, amountMinor: BigInt(each.amountMinor) }));
    const openingMinor = BigInt(account.openingMinor);
    const right = assembleStatement({ ...account, openingMinor }, transfers, { from, to });
    const earlier = transfers.filter(({ bookedOn }) => bookedOn < from);
    const statement = fault ? distortStatement(right, fault.how, earlier) : right;
    const file = this.#write(statement, format, request.query);
    if (!file) return problem(400, "no_such_format");
    store.put("file", kept, file);
    return answer(file);
  }

  failure(request: Incoming, fault: Fault<"status" | "refuse">): ApiAnswer {
    return fault.kind === "status"
      ? problem(fault.status, fault.errorCode ?? "unavailable")
      : problem(403, fault.errorCode);
  }

  /** The page that banks show instead of a file when one is no longer signed in. */
  distort(): ApiAnswer {
    return { status: 200, body: "<!doctype html><title>Sign in</title>", acted: false };
  }

  #write(statement: BankStatement, format: string, query: URLSearchParams): GivenFile | null {
    if (format === "csv") {
      const variant = csvVariants.find((each) => each === (query.get("variant") ?? "english"));
      if (!variant) return null;
      const file = Buffer.from(writeCsv(statement, variant));
      return { contentType: "text/csv", base64: file.toString("base64") };
    }
    const version = camtVersions.find((each) => each === (query.get("version") ?? "08"));
    if (!version) return null;
    const writtenAt = new Date(this.#world.standIn.clock.now()).toISOString();
    const file = Buffer.from(writeCamt053(statement, version, writtenAt));
    return { contentType: "application/xml", base64: file.toString("base64") };
  }
}

function answer({ contentType, base64 }: GivenFile): ApiAnswer {
  const headers = { "content-type": contentType, "content-disposition": "attachment" };
  return { status: 200, body: Buffer.from(base64, "base64"), headers, acted: false };
}

function problem(status: number, errorCode: string): ApiAnswer {
  return { status, body: { error: errorCode }, acted: false, errorCode };
}
