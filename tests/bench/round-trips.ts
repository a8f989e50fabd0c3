import { connect, createServer, type AddressInfo } from "node:net";
import type { KnownPage } from "#tests/support/pages.ts";
import { getOverWire } from "#tests/support/wire.ts";
import type { BenchStage } from "./stage.ts";
import { median, printTable } from "./table.ts";

const TIMES = 5;

/**
 * How often a page waits for PostgreSQL: a second web server is started whose connections pass through a
 * counter of the messages after which a client waits (Query and Sync; PostgreSQL documentation,
 * "Message Flow").
 */
export async function measureRoundTrips(
  stage: BenchStage,
  pages: readonly KnownPage[],
): Promise<void> {
  const counter = await startCounter(new URL(stage.stack.databaseUrl));
  const web = await stage.stack.startWeb({ env: { DATABASE_URL: counter.url } });
  const rows: string[][] = [];
  for (const page of pages) {
    const cookie = page.as ? `session=${await stage.sessionCookie(page.as.accountId)}` : "";
    const counts: number[] = [];
    // Once before: connections are opened, the session is noted as seen.
    for (let n = 0; n <= TIMES; n++) {
      const before = counter.count();
      const { status } = await getOverWire(web.url + page.path, { cookie });
      if (status !== (page.status ?? 200)) throw new Error(`${page.path} answered ${status}`);
      if (n > 0) counts.push(counter.count() - before);
    }
    rows.push([page.name, String(median(counts))]);
  }
  await web.stop();
  await counter.close();
  printTable("PostgreSQL round trips per page", ["page", "round trips"], rows);
}

interface Counter {
  /** A connection string that leads through the counter. */
  readonly url: string;
  count(): number;
  close(): Promise<void>;
}

async function startCounter(database: URL): Promise<Counter> {
  let waits = 0;
  const server = createServer((client) => {
    const postgres = connect(Number(database.port), database.hostname);
    const read = messageReader((type) => {
      if (type === "Q" || type === "S") waits += 1;
    });
    client.on("data", (chunk) => {
      read(chunk);
      postgres.write(chunk);
    });
    postgres.pipe(client);
    const end = (): void => {
      client.destroy();
      postgres.destroy();
    };
    for (const socket of [client, postgres]) socket.on("close", end).on("error", end);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const url = new URL(database);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    count: () => waits,
    close: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Tells the type of each message of a client; the first one, which has none, is left out. */
function messageReader(tell: (type: string) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let isFirst = true;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const head = isFirst ? 0 : 1;
      if (rest.length < head + 4) return;
      const length = rest.readUInt32BE(head) + head;
      if (rest.length < length) return;
      if (!isFirst) tell(String.fromCharCode(rest[0] ?? 0));
      isFirst = false;
      rest = rest.subarray(length);
    }
  };
}
