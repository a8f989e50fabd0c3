import {
  CarrierUnavailableError,
  type ActivateOutcome,
  type ActivateRequest,
  type CarrierAdapter,
  type CarrierOffer,
  type CarrierOrder,
  type EsimReference,
  type EsimUsage,
  type FindOrderOutcome,
  type ListedEsim,
} from "../port.ts";
import { EsimAccessClient, type CallOutcome, type EsimAccessAccount } from "./client.ts";
import type { Urgency } from "./request-gate.ts";
import { parseEsimAccessWebhook } from "./webhook.ts";
import {
  readEsim,
  readEsimPage,
  readOffers,
  readRefusal,
  readTopup,
  readUsageList,
  type QueriedEsim,
} from "./wire.ts";

/** What the adapter needs of the settings. */
export interface EsimAccessSettings extends EsimAccessAccount {
  /** Business time, in which the carrier's dates are judged. */
  readonly now: () => Date;
}

/** `/esim/usage/query` takes at most this many. */
const USAGE_BATCH = 10;
/** transactionId has at most 50 characters. */
const LONGEST_REFERENCE = 50;
const ESIM_NOT_FOUND = "310403";
/** `/esim/query` shows at most this many at once. */
const LIST_PAGE = 500;
/** Before the vendor had any eSIM to sell. */
const BEFORE_ALL = "2018-01-01T00:00:00Z";

/**
 * eSIM Access's reseller API (docs.esimaccess.com). `transactionId` is our reference: repeating a
 * top-up with it gives the first result again. Usage is 2–3 hours old. Webhooks are unsigned.
 */
export function esimAccessAdapter(settings: EsimAccessSettings): CarrierAdapter {
  const client = new EsimAccessClient(settings);
  return {
    id: "esim_access",
    capabilities: { idempotentOrders: true, usageLagHours: 3, signedWebhooks: false },
    listOffers: (esim) => listOffers(client, esim),
    activate: (request) => activate(client, request, settings.now()),
    findByOurReference: (esim, ourReference) => findByOurReference(client, esim, ourReference),
    readUsage: (esims) => readUsage(client, esims, settings.now),
    listOrders: (esim) => listOrders(client, esim),
    listEsims: () => listEsims(client, settings.now()),
    parseWebhook: (_headers, rawBody) => parseEsimAccessWebhook(rawBody),
  };
}

async function listOffers(
  client: EsimAccessClient,
  esim: EsimReference,
): Promise<readonly CarrierOffer[]> {
  const outcome = await client.call(
    "/package/list",
    { locationCode: "", type: "TOPUP", packageCode: "", slug: "", iccid: esim.iccid },
    "reading",
  );
  if (outcome.kind === "refused" && outcome.code === ESIM_NOT_FOUND) return [];
  const offers = readOffers(obtained(outcome));
  if (offers === null) throw new CarrierUnavailableError("eSIM Access answered without offers");
  return offers;
}

async function activate(
  client: EsimAccessClient,
  request: ActivateRequest,
  now: Date,
): Promise<ActivateOutcome> {
  if (request.ourReference.length > LONGEST_REFERENCE) {
    throw new RangeError(`A transactionId has at most ${LONGEST_REFERENCE} characters`);
  }
  const outcome = await client.call(
    "/esim/topup",
    {
      esimTranNo: request.esim.carrierEsimId,
      packageCode: request.offerCode,
      transactionId: request.ourReference,
    },
    "order",
  );
  switch (outcome.kind) {
    case "ok":
      return readTopup(outcome.obj, request, now);
    case "refused":
      return readRefusal(outcome.code, outcome.message);
    case "busy":
    case "unknown":
      return outcome;
  }
}

async function findByOurReference(
  client: EsimAccessClient,
  esim: EsimReference,
  ourReference: string,
): Promise<FindOrderOutcome> {
  const outcome = await query(client, esim, "order");
  if (outcome.kind === "refused") {
    return outcome.code === ESIM_NOT_FOUND
      ? { kind: "not_found" }
      : { kind: "unknown", detail: `${outcome.code} ${outcome.message}` };
  }
  if (outcome.kind !== "ok") return { kind: "unknown", detail: outcome.detail };
  const read = readEsim(outcome.obj, esim);
  if (read.kind === "unreadable") return { kind: "unknown", detail: read.detail };
  const order =
    read.kind === "found"
      ? read.esim.orders.find((candidate) => candidate.ourReference === ourReference)
      : undefined;
  return order === undefined ? { kind: "not_found" } : { kind: "found", order };
}

async function listOrders(
  client: EsimAccessClient,
  esim: EsimReference,
): Promise<readonly (CarrierOrder & { readonly ourReference: string })[]> {
  return (await queryEsim(client, esim))?.orders ?? [];
}

/**
 * All eSIMs made until now, in pages. What is made while they are read is not asked for, so that no
 * eSIM moves from one page to another.
 */
async function* listEsims(client: EsimAccessClient, now: Date): AsyncGenerator<ListedEsim> {
  for (let pageNum = 1, seen = 0; ; pageNum += 1) {
    const outcome = await client.call(
      "/esim/query",
      {
        orderNo: "",
        iccid: "",
        startTime: BEFORE_ALL,
        endTime: `${now.toISOString().slice(0, 19)}Z`,
        pager: { pageNum, pageSize: LIST_PAGE },
      },
      "reading",
    );
    const page = readEsimPage(obtained(outcome));
    if (page === null) throw new CarrierUnavailableError("eSIM Access answered without eSIMs");
    yield* page.esims;
    seen += page.size;
    if (page.size === 0 || seen >= page.total) return;
  }
}

async function readUsage(
  client: EsimAccessClient,
  esims: readonly EsimReference[],
  now: () => Date,
): Promise<ReadonlyMap<string, EsimUsage>> {
  const usage = new Map<string, EsimUsage>();
  for (let start = 0; start < esims.length; start += USAGE_BATCH) {
    const batch = esims.slice(start, start + USAGE_BATCH);
    const figures = readUsageList(
      obtained(
        await client.call(
          "/esim/usage/query",
          { esimTranNoList: batch.map((esim) => esim.carrierEsimId) },
          "reading",
        ),
      ),
    );
    if (figures === null) throw new CarrierUnavailableError("eSIM Access answered without usage");
    const states = await Promise.all(batch.map((esim) => queryEsim(client, esim)));
    batch.forEach((esim, index) => {
      const state = states[index];
      if (!state) return;
      const combined = combine(state, figures.get(esim.carrierEsimId), now());
      if (combined !== null) usage.set(esim.carrierEsimId, combined);
    });
  }
  return usage;
}

/**
 * Usage with state and expiry. An eSIM that was never used is not in the usage list: nothing of it is
 * used, as of now. Any other eSIM without figures is not known.
 */
function combine(
  state: QueriedEsim,
  figures: { usedBytes: bigint; totalBytes: bigint; asOf: Date } | undefined,
  now: Date,
): EsimUsage | null {
  const { networkState, expiresAt } = state;
  if (networkState === null) return null;
  if (figures !== undefined) return { ...figures, networkState, expiresAt };
  if (networkState !== "not_active" || state.totalBytes === null) return null;
  return {
    totalBytes: state.totalBytes,
    usedBytes: state.usedBytes ?? 0n,
    asOf: now,
    networkState,
    expiresAt,
  };
}

async function queryEsim(
  client: EsimAccessClient,
  esim: EsimReference,
): Promise<QueriedEsim | null> {
  const outcome = await query(client, esim, "reading");
  if (outcome.kind === "refused" && outcome.code === ESIM_NOT_FOUND) return null;
  const read = readEsim(obtained(outcome), esim);
  if (read.kind === "unreadable") {
    throw new CarrierUnavailableError(`eSIM Access answered with ${read.detail}`);
  }
  return read.kind === "found" ? read.esim : null;
}

async function query(
  client: EsimAccessClient,
  esim: EsimReference,
  urgency: Urgency,
): Promise<CallOutcome> {
  return client.call(
    "/esim/query",
    { orderNo: "", iccid: "", esimTranNo: esim.carrierEsimId, pager: { pageNum: 1, pageSize: 20 } },
    urgency,
  );
}

/** What a reading got; throws when the carrier could not be asked or would not say. */
function obtained(outcome: CallOutcome): unknown {
  if (outcome.kind === "ok") return outcome.obj;
  const detail = outcome.kind === "refused" ? `${outcome.code} ${outcome.message}` : outcome.detail;
  throw new CarrierUnavailableError(`eSIM Access could not be asked: ${detail}`);
}
