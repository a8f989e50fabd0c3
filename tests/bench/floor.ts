import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { WireAnswer } from "#tests/support/wire.ts";

/** The least a server can do: node:http that answers with bytes it was given. */
export interface Floor {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a page as it once went over the wire, whatever is asked for. */
export async function serveFloor({ headers, body }: WireAnswer): Promise<Floor> {
  const server = createServer((_request, response) => {
    response.writeHead(200, {
      "content-type": headers["content-type"] ?? "text/html",
      "content-encoding": headers["content-encoding"] ?? "identity",
      "content-length": body.length,
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
