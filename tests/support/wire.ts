import { request, type IncomingHttpHeaders } from "node:http";

/** An answer as it went over the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Still compressed. */
  readonly body: Buffer;
}

/** Gets an address without following or unpacking anything. */
export async function getOverWire(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<WireAnswer> {
  return await new Promise((resolve, reject) => {
    const sent = request(url, { headers, agent: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(parts),
        }),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
}
