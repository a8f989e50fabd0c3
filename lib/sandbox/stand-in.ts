import type { Clock } from "./clock.ts";
import type { Faults } from "./faults.ts";
import type { HeldRequests } from "./held.ts";
import type { RequestLog } from "./log.ts";
import type { Store } from "./store.ts";

/** What every stand-in has: memory, time, its log, its faults, the requests it holds back. */
export interface StandIn {
  store: Store;
  clock: Clock;
  log: RequestLog;
  faults: Faults;
  held: HeldRequests;
  /** Base URL of the application, where webhooks go. */
  appUrl: string;
}

/** A started stand-in. */
export interface RunningStandIn {
  port: number;
  url: string;
  stop(): Promise<void>;
}
