import type { ServerResponse } from "node:http";
import { requestFaultKinds } from "./faults.ts";
import type { Fault } from "./faults.ts";
import { writeAnswer } from "./http.ts";
import type { Answer, Incoming } from "./http.ts";
import type { StandIn } from "./stand-in.ts";

/** An answer of a provider's API, with what the log wants to know of it. */
export interface ApiAnswer extends Answer {
  /** Whether this very request changed something. */
  acted: boolean;
  /** Whether an earlier result is given again. */
  replayed?: boolean;
  /** The provider's own error code. */
  errorCode?: string | null;
}

/** What the log shows of a request, read leniently: nothing here refuses it. */
export interface RequestSummary {
  params: unknown;
  idempotencyKey: string | null;
  transactionId: string | null;
}

/** How one provider speaks. */
export interface Dialect {
  summarise(request: Incoming): RequestSummary;
  /** Work that cannot be done inside a transaction, done before `handle` (asking a webhook address). */
  prepare?(request: Incoming): Promise<unknown>;
  /** Checks, acts and answers; runs inside a transaction. */
  handle(request: Incoming, prepared: unknown): ApiAnswer;
  /** The answer of a `status` or `refuse` fault in the provider's words. */
  failure(request: Incoming, fault: Fault<"status" | "refuse">): ApiAnswer;
  /** Turns a proper answer into well-formed nonsense. */
  distort(request: Incoming, answer: ApiAnswer, fault: Fault<"nonsense">): ApiAnswer;
}

/**
 * One request of a provider's API from arrival to answer: logged, met by the faults that match,
 * acted on in one transaction, and only then answered.
 */
export async function exchange(
  standIn: StandIn,
  dialect: Dialect,
  request: Incoming,
  response: ServerResponse,
): Promise<void> {
  const { faults, held, log, store } = standIn;
  const summary = dialect.summarise(request);
  const arrival = { method: request.method, path: request.path, ...summary };
  const { id, fault } = store.transaction(() => {
    const taken = faults.take(requestFaultKinds, request);
    const entry = log.arrive(arrival);
    if (taken) log.note(entry, { fault: taken.kind });
    return { id: entry, fault: taken };
  });
  const park = (stage: "before" | "after"): Promise<void> => {
    const { method, path, params } = arrival;
    return held.park({ id, stage, at: new Date().toISOString(), method, path, params });
  };

  if (fault?.kind === "delay") await pause(fault.ms);
  if (fault?.kind === "hold_before") await park("before");
  if (fault?.kind === "timeout_before") return hangUp(response, fault.ms);

  const prepared = await dialect.prepare?.(request);
  let answer = store.transaction(() => {
    const result = act(dialect, request, prepared, fault);
    log.note(id, {
      acted: result.acted,
      replayed: result.replayed ?? false,
      errorCode: result.errorCode ?? null,
    });
    return result;
  });

  if (fault?.kind === "hold_after") await park("after");
  if (fault?.kind === "timeout_after") return hangUp(response, fault.ms);
  if (fault?.kind === "nonsense") answer = dialect.distort(request, answer, fault);

  log.note(id, { status: answer.status });
  writeAnswer(response, answer);
}

function act(
  dialect: Dialect,
  request: Incoming,
  prepared: unknown,
  fault: Fault | null,
): ApiAnswer {
  if (fault?.kind === "status" || fault?.kind === "refuse") return dialect.failure(request, fault);
  if (fault?.kind === "nonsense" && !fault.acts) return { status: 200, body: {}, acted: false };
  return dialect.handle(request, prepared);
}

async function hangUp(response: ServerResponse, ms: number): Promise<void> {
  await pause(ms, () => response.destroyed);
  response.destroy();
}

/** Waits `ms`, or less when `isOver` says that nobody waits any more. */
async function pause(ms: number, isOver: () => boolean = () => false): Promise<void> {
  const until = Date.now() + ms;
  while (Date.now() < until && !isOver()) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(50, until - Date.now())));
  }
}
