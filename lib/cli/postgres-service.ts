import { setTimeout as pause } from "node:timers/promises";
import {
  startCluster,
  type Cluster,
  type ClusterOptions,
} from "#prisma/embedded-postgres/cluster.ts";
import type { Service } from "./service.ts";

/** The embedded PostgreSQL as a service: started again on the same port and data when it ends. */
export type PostgresService = Service & {
  /** The cluster as it runs, or as it last ran. */
  cluster(): Cluster;
};

/** Starts the PostgreSQL of `folder` and keeps it running. */
export async function startPostgres(
  options: ClusterOptions & {
    restart: boolean;
    onStart?: (pid: number) => void;
    report: (message: string) => void;
  },
): Promise<PostgresService> {
  const { restart, report, onStart, ...clusterOptions } = options;
  let cluster = await startCluster(clusterOptions);
  let running = true;
  let wanted = true;
  let coming: Promise<void> = Promise.resolve();
  watch();

  function watch(): void {
    onStart?.(cluster.pid);
    const { exited } = cluster;
    void exited.then(() => {
      running = false;
      if (!wanted || !restart) return;
      report("PostgreSQL ended and is started again");
      coming = comeBack();
    });
  }

  async function comeBack(): Promise<void> {
    while (wanted && !running) {
      try {
        cluster = await startCluster({ ...clusterOptions, port: cluster.port });
        running = true;
        watch();
      } catch (error) {
        report(error instanceof Error ? error.message : String(error));
        await pause(1_000);
      }
    }
    // Told to stop while it was coming back.
    if (!wanted && running) await cluster.stop();
  }

  return {
    name: "postgres",
    cluster: () => cluster,
    get pid() {
      return running ? cluster.pid : null;
    },
    async ready() {
      while (!running && wanted && restart) {
        await coming;
        await pause(10);
      }
      if (!running) throw new Error("PostgreSQL is not running");
    },
    async kill(signal = "SIGKILL") {
      if (!running) return;
      const { exited } = cluster;
      process.kill(cluster.pid, signal);
      await exited;
      running = false;
    },
    async start() {
      wanted = true;
      if (!running) await comeBack();
    },
    async stop() {
      wanted = false;
      await coming;
      if (running) await cluster.stop();
      running = false;
    },
  };
}
