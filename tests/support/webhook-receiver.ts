import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "./stand-ins.ts";

/** A message as it came in. */
export interface ReceivedWebhook {
  path: string;
  headers: Headers;
  rawBody: string;
}

/** Something that takes every message on a free port and keeps it, byte for byte. */
export interface WebhookReceiver {
  url: string;
  received: readonly ReceivedWebhook[];
  /** Waits until a message fits, and returns it. */
  waitFor(fits: (message: ReceivedWebhook) => boolean): Promise<ReceivedWebhook>;
  /** Waits until there are this many messages. */
  waitForCount(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = new Headers();
      for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
      const rawBody = Buffer.concat(chunks).toString("utf8");
      received.push({ path: request.url ?? "", headers, rawBody });
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    waitFor: (fits) => until(async () => received.find(fits), 10_000, "no such message came"),
    async waitForCount(count) {
      await until(
        async () => (received.length >= count ? true : undefined),
        10_000,
        `${count} messages`,
      );
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An address on this machine where nobody listens. */
export async function unusedAddress(): Promise<string> {
  const receiver = await startWebhookReceiver();
  await receiver.close();
  return receiver.url;
}
