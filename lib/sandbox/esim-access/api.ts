import { overwrite } from "../faults.ts";
import type { Fault } from "../faults.ts";
import type { Incoming } from "../http.ts";
import type { ApiAnswer, Dialect, RequestSummary } from "../exchange.ts";
import { post } from "../webhooks.ts";
import {
  allocateDueOrders,
  cancel,
  order,
  revoke,
  sendSms,
  suspend,
  topUp,
  unsuspend,
} from "./commands.ts";
import type { Done } from "./commands.ts";
import { queryEsims, queryUsage } from "./lookup.ts";
import { listLocations, listPackages } from "./packages.ts";
import { bodies, readBody } from "./requests.ts";
import type { Endpoint } from "./requests.ts";
import { EsimAccessRefusal, errorMessages, isSame, sign } from "./wire.ts";
import type { Envelope } from "./wire.ts";
import { notificationOf } from "./world.ts";
import type { EsimAccessWorld } from "./world.ts";

export const apiPrefix = "/api/v1/open/";

/** A request's timestamp may be this far from now, either way. */
const timestampToleranceMs = 5 * 60 * 1000;

/** How eSIM Access speaks: JSON by POST, four signed headers, refusals with HTTP 200. */
export class EsimAccessDialect implements Dialect {
  readonly #world: EsimAccessWorld;
  readonly #accessCode: string;
  readonly #secret: string;

  constructor(world: EsimAccessWorld, accessCode: string, secret: string) {
    this.#world = world;
    this.#accessCode = accessCode;
    this.#secret = secret;
  }

  summarise(request: Incoming): RequestSummary {
    const params = parsed(request);
    const transactionId = (params as { transactionId?: unknown } | undefined)?.transactionId;
    return {
      params: params ?? request.rawBody,
      idempotencyKey: null,
      transactionId: typeof transactionId === "string" ? transactionId : null,
    };
  }

  /** `webhook/save` asks the address first whether anybody is there. */
  async prepare(request: Incoming): Promise<boolean> {
    if (endpointOf(request) !== "webhook/save") return true;
    const url = (parsed(request) as { webhook?: unknown } | undefined)?.webhook;
    if (typeof url !== "string") return false;
    const notifyId = crypto.randomUUID().replaceAll("-", "");
    const content = { orderNo: "1234567890", orderStatus: "Test" };
    const test = notificationOf("CHECK_HEALTH", notifyId, this.#world.now(), content);
    return (await post({ url, body: JSON.stringify(test) }, {})).ok;
  }

  handle(request: Incoming, prepared: unknown): ApiAnswer {
    try {
      this.#checkHeaders(request);
      const endpoint = endpointOf(request);
      if (!endpoint) return { status: 404, body: { message: "Not Found" }, acted: false };
      const body = parsed(request);
      if (body === undefined) throw new EsimAccessRefusal("000104");
      const result = this.#world.standIn.store.attempt(() =>
        this.#run(endpoint, body, prepared === true, request),
      );
      return {
        status: 200,
        body: this.#envelope(result.obj),
        acted: writes.has(endpoint) && !result.replayed,
        replayed: result.replayed,
      };
    } catch (error) {
      if (error instanceof EsimAccessRefusal) return this.#refusal(error.code, error.message);
      throw error;
    }
  }

  failure(_request: Incoming, fault: Fault<"status" | "refuse">): ApiAnswer {
    if (fault.kind === "refuse") {
      return this.#refusal(fault.errorCode, fault.errorMessage ?? errorMessages[fault.errorCode]);
    }
    const code = fault.errorCode ?? (fault.status === 429 ? "900001" : "000001");
    const answer = this.#refusal(code, errorMessages[code]);
    const wait = fault.retryAfterSeconds;
    return {
      ...answer,
      status: fault.status,
      ...(wait === undefined ? {} : { headers: { "retry-after": String(wait) } }),
    };
  }

  distort(request: Incoming, answer: ApiAnswer, fault: Fault<"nonsense">): ApiAnswer {
    const endpoint = endpointOf(request);
    const usual = endpoint === "esim/topup" ? topUpNonsense : queryNonsense;
    return { ...answer, body: overwrite(answer.body, fault.set ?? usual) };
  }

  #run(endpoint: Endpoint, given: unknown, reachable: boolean, request: Incoming): Done {
    const world = this.#world;
    const read = (obj: unknown): Done => ({ obj, replayed: false });
    allocateDueOrders(world);
    switch (endpoint) {
      case "package/list":
        return read(listPackages(world, readBody(endpoint, given)));
      case "location/list":
        readBody(endpoint, given);
        return read(listLocations(world));
      case "esim/query":
        return read(queryEsims(world, readBody(endpoint, given), this.#blindness(request)));
      case "esim/usage/query":
        return read(queryUsage(world, readBody(endpoint, given), this.#blindness(request)));
      case "esim/order":
        return order(world, readBody(endpoint, given));
      case "esim/topup":
        return topUp(world, readBody(endpoint, given));
      case "esim/cancel":
        return cancel(world, readBody(endpoint, given));
      case "esim/suspend":
        return suspend(world, readBody(endpoint, given));
      case "esim/unsuspend":
        return unsuspend(world, readBody(endpoint, given));
      case "esim/revoke":
        return revoke(world, readBody(endpoint, given));
      case "esim/sendSms":
        return sendSms(world, readBody(endpoint, given));
      case "balance/query":
        readBody(endpoint, given);
        return read({ balance: world.account().balance });
      case "webhook/query":
        readBody(endpoint, given);
        return read({ webhook: world.account().webhook });
      case "webhook/save": {
        const { webhook } = readBody(endpoint, given);
        if (!reachable) throw new EsimAccessRefusal("200008", "the address did not answer 200");
        world.saveAccount({ webhook });
        return read({});
      }
    }
  }

  #blindness(request: Incoming): number {
    return this.#world.standIn.faults.take(["lookup_blind"], request)?.ms ?? 0;
  }

  #checkHeaders(request: Incoming): void {
    if (request.method !== "POST") throw new EsimAccessRefusal("000103");
    const header = (name: string): string => {
      const value = request.headers[name];
      if (typeof value !== "string" || value === "") throw new EsimAccessRefusal("000101", name);
      return value;
    };
    const accessCode = header("rt-accesscode");
    const timestamp = header("rt-timestamp");
    const requestId = header("rt-requestid");
    const signature = header("rt-signature");
    if (!/^\d{10,16}$/.test(timestamp)) throw new EsimAccessRefusal("000102", "rt-timestamp");
    const age = Math.abs(this.#world.standIn.clock.wall() - Number(timestamp));
    if (age > timestampToleranceMs) throw new EsimAccessRefusal("101001");
    const parts = { timestamp, requestId, accessCode, body: request.rawBody };
    const isRight =
      isSame(accessCode, this.#accessCode) &&
      isSame(signature.toLowerCase(), sign(this.#secret, parts));
    if (!isRight) throw new EsimAccessRefusal("101003");
  }

  #envelope(obj: unknown): Envelope {
    const asText = this.#world.account().behaviour.success === "text";
    return { success: asText ? "true" : true, errorCode: "0", errorMsg: null, obj };
  }

  #refusal(code: string, message: string | undefined): ApiAnswer {
    const asText = this.#world.account().behaviour.success === "text";
    return {
      status: 200,
      body: {
        success: asText ? "false" : false,
        errorCode: code,
        errorMsg: message ?? "Refused",
        obj: null,
      } satisfies Envelope,
      acted: false,
      errorCode: code,
    };
  }
}

const writes = new Set<Endpoint>([
  "esim/order",
  "esim/topup",
  "esim/cancel",
  "esim/suspend",
  "esim/unsuspend",
  "esim/revoke",
  "esim/sendSms",
  "webhook/save",
]);

function endpointOf(request: Incoming): Endpoint | null {
  const name = request.path.slice(apiPrefix.length);
  return request.path.startsWith(apiPrefix) && name in bodies ? (name as Endpoint) : null;
}

/** The body as JSON; undefined when it is none. An empty body is `{}`. */
function parsed(request: Incoming): unknown {
  if (request.rawBody.trim() === "") return {};
  try {
    return JSON.parse(request.rawBody) as unknown;
  } catch {
    return undefined;
  }
}

const strangerIccid = "8988247999999999991";

const topUpNonsense = {
  "obj.iccid": strangerIccid,
  "obj.expiredTime": "2001-01-01T00:00:00+0000",
  "obj.totalVolume": 1,
  "obj.totalDuration": 0,
};

const queryNonsense = {
  "obj.esimList.0.iccid": strangerIccid,
  "obj.esimList.0.esimTranNo": "01010100000000",
  "obj.esimList.0.expiredTime": "2001-01-01T00:00:00+0000",
  "obj.esimList.0.totalVolume": 1,
};
