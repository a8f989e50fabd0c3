import { z } from "zod";
import type { CarrierAdapter, ListedEsim } from "#lib/carriers/port.ts";
import { ATTENTION_AFTER_MINUTES } from "#lib/config/limits.ts";
import { db } from "#lib/db/client.ts";
import { inBatches } from "./in-batches.ts";
import { CouldNotTellError, Questions, type Finding, type Notebook } from "./notebook.ts";
import { Tally } from "./tally.ts";

/** eSIMs looked up at a time. */
const BATCH = 200;
/** Carriers' look-ups may know of an order only some minutes later. */
const LAG_MINUTES = 5;

type ListedOrder = ListedEsim["orders"][number] & { readonly esim: ListedEsim };

/**
 * Holds everything that a carrier put on eSIMs for one of our references against our activations, and each
 * activation confirmed since `since` against what the carrier lists. Throws `CarrierUnavailableError`, and
 * `CouldNotTellError`.
 */
export async function compareCarrier(
  adapter: CarrierAdapter,
  since: Date,
  now: Date,
  notebook: Notebook,
): Promise<void> {
  const window = { since, until: new Date(now.getTime() - LAG_MINUTES * 60_000) };
  const tally = new Tally();
  for await (const esims of inBatches(adapter.listEsims(), BATCH)) {
    await compareListed({ adapter, esims, window, now, tally, notebook });
    await notebook.count(esims.length);
  }
  for await (const activation of confirmedSince(adapter.id, window)) tally.mix(activation.id);
  if (tally.isEven()) return;
  const questions = new Questions();
  for await (const activation of confirmedSince(adapter.id, window)) {
    if (!tally.isSuspect(activation.id)) continue;
    questions.ask();
    await askAbout(adapter, activation, notebook);
  }
}

interface Window {
  readonly since: Date;
  readonly until: Date;
}

const PARTS = {
  orderItem: {
    select: {
      order: {
        select: {
          id: true,
          number: true,
          state: true,
          esim: { select: { iccid: true, carrierEsimId: true } },
        },
      },
    },
  },
} as const;

async function compareListed(run: {
  readonly adapter: CarrierAdapter;
  readonly esims: readonly ListedEsim[];
  readonly window: Window;
  readonly now: Date;
  readonly tally: Tally;
  readonly notebook: Notebook;
}): Promise<void> {
  const { adapter, notebook } = run;
  const listed = run.esims.flatMap((esim) => esim.orders.map((order) => ({ ...order, esim })));
  if (listed.length === 0) return;
  const references = listed.map((order) => order.ourReference);
  const activations = await db().activation.findMany({
    where: { carrier: adapter.id, ourReference: { in: references } },
    include: PARTS,
  });
  const known = new Map(activations.map((activation) => [activation.ourReference, activation]));
  const seen = new Set<string>();
  const strange: ListedOrder[] = [];
  for (const order of listed) {
    const activation = known.get(order.ourReference);
    if (activation === undefined) {
      strange.push(order);
      continue;
    }
    const ours = activation.orderItem.order;
    const facts = { scope: adapter.id, about: order.ourReference, orderNumber: ours.number };
    const isRepeated = seen.has(order.ourReference);
    seen.add(order.ourReference);
    if (ours.esim?.carrierEsimId !== order.esim.carrierEsimId) {
      notebook.add({
        ...facts,
        kind: "activation_on_other_esim",
        expected: ours.esim?.iccid ?? "no eSIM",
        actual: order.esim.iccid,
      });
    } else if (isRepeated) {
      notebook.add({
        ...facts,
        kind: "activation_twice",
        expected: "once",
        actual: `again as ${order.carrierReference}`,
      });
    } else {
      judge(activation, facts, run);
    }
  }
  await judgeStrange(adapter, strange, notebook);
}

function judge(
  activation: {
    readonly id: string;
    readonly state: string;
    readonly requestedAt: Date | null;
    readonly confirmedAt: Date | null;
    readonly orderItem: { readonly order: { readonly id: string } };
  },
  facts: Pick<Finding, "scope" | "about" | "orderNumber">,
  run: {
    readonly window: Window;
    readonly now: Date;
    readonly tally: Tally;
    readonly notebook: Notebook;
  },
): void {
  const { state, requestedAt, confirmedAt } = activation;
  if (state === "confirmed") {
    if (isWithin(confirmedAt, run.window)) run.tally.mix(activation.id);
    return;
  }
  if (state === "rejected") {
    run.notebook.add({
      ...facts,
      kind: "activation_after_refund",
      expected: "refused and refunded",
      actual: "live",
    });
    return;
  }
  // Sent a moment ago: its answer is on its way.
  const age = requestedAt === null ? Infinity : run.now.getTime() - requestedAt.getTime();
  if (age < ATTENTION_AFTER_MINUTES * 60_000) return;
  run.notebook.add({
    ...facts,
    kind: "activation_missing_here",
    expected: state,
    actual: "live",
    repair: { act: "activate", orderId: activation.orderItem.order.id },
  });
}

/** Under a reference that no activation of ours has: of an order that is not paid here, or of nobody. */
async function judgeStrange(
  adapter: CarrierAdapter,
  strange: readonly ListedOrder[],
  notebook: Notebook,
): Promise<void> {
  if (strange.length === 0) return;
  const items = await db().orderItem.findMany({
    where: {
      id: {
        in: strange
          .map((order) => order.ourReference)
          .filter((reference) => z.uuid().safeParse(reference).success),
      },
    },
    select: { id: true, order: { select: { number: true, state: true } } },
  });
  const ours = await db().esim.findMany({
    where: {
      carrier: adapter.id,
      carrierEsimId: { in: strange.map((order) => order.esim.carrierEsimId) },
    },
    select: { carrierEsimId: true },
  });
  const ourEsims = new Set(ours.map((esim) => esim.carrierEsimId));
  for (const order of strange) {
    const item = items.find((each) => each.id === order.ourReference);
    const about = order.ourReference;
    if (item !== undefined) {
      notebook.add({
        kind: "activation_missing_here",
        scope: adapter.id,
        about,
        orderNumber: item.order.number,
        expected: `not sent, order ${item.order.state}`,
        actual: "live",
      });
    } else if (ourEsims.has(order.esim.carrierEsimId)) {
      // On eSIMs that are not ours the account may serve somebody else.
      notebook.add({
        kind: "activation_of_nobody",
        scope: adapter.id,
        about,
        orderNumber: null,
        expected: "nothing",
        actual: `${order.offerCode} on ${order.esim.iccid}`,
      });
    }
  }
}

interface Confirmed {
  readonly id: string;
  readonly ourReference: string;
  readonly orderItem: {
    readonly order: {
      readonly number: string;
      readonly esim: { readonly iccid: string; readonly carrierEsimId: string } | null;
    };
  };
}

async function* confirmedSince(
  carrier: CarrierAdapter["id"],
  { since, until }: Window,
): AsyncGenerator<Confirmed> {
  for (let after: string | null = null; ;) {
    const page: readonly Confirmed[] = await db().activation.findMany({
      where: {
        carrier,
        state: "confirmed",
        confirmedAt: { gte: since, lte: until },
        ...(after === null ? {} : { id: { gt: after } }),
      },
      include: PARTS,
      orderBy: { id: "asc" },
      take: BATCH,
    });
    yield* page;
    after = page.at(-1)?.id ?? null;
    if (page.length < BATCH) return;
  }
}

async function askAbout(
  adapter: CarrierAdapter,
  activation: Confirmed,
  notebook: Notebook,
): Promise<void> {
  const { esim, number } = activation.orderItem.order;
  const found =
    esim === null
      ? { kind: "not_found" as const }
      : await adapter.findByOurReference(esim, activation.ourReference);
  if (found.kind === "found") return;
  if (found.kind === "unknown") throw new CouldNotTellError(found.detail);
  notebook.add({
    kind: "activation_missing_there",
    scope: adapter.id,
    about: activation.ourReference,
    orderNumber: number,
    expected: "live",
    actual: "nothing",
  });
}

function isWithin(time: Date | null, { since, until }: Window): boolean {
  return time !== null && time >= since && time <= until;
}
