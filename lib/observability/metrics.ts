import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** The gauges an operator watches besides those of the process. */
export interface Metrics {
  readonly registry: Registry;
  readonly orders: Gauge<"state">;
  readonly ordersNeedingAttention: Gauge;
  readonly journalImbalances: Gauge;
  readonly oldestDueJobSeconds: Gauge;
}

// On globalThis, for the development server loads modules anew and a metric may be registered once.
const holder = globalThis as typeof globalThis & { portalMetrics?: Metrics };

/** The metrics of this process, in Prometheus's text format by `registry.metrics()`. */
export function metrics(): Metrics {
  holder.portalMetrics ??= build();
  return holder.portalMetrics;
}

function build(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name, help, registers: [registry] });
  return {
    registry,
    orders: new Gauge({
      name: "portal_orders",
      help: "Orders by state",
      labelNames: ["state"],
      registers: [registry],
    }),
    ordersNeedingAttention: gauge(
      "portal_orders_needing_attention",
      "Orders that a person should look at",
    ),
    journalImbalances: gauge("portal_journal_imbalances", "Journals that do not sum to zero"),
    oldestDueJobSeconds: gauge(
      "portal_oldest_due_job_seconds",
      "Age of the oldest job that is due",
    ),
  };
}
