import { randomInt } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request, read completely. */
export interface Incoming {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  rawBody: string;
}

/** An answer before it is written. A string or bytes are HTML unless a content type says otherwise. */
export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** The request could not be read; answered with `status`. */
export class BadRequest extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const largestBodyBytes = 10 * 1024 * 1024;

/** Reads method, address and body (up to 10 MB). */
export async function readRequest(request: IncomingMessage): Promise<Incoming> {
  const url = new URL(request.url ?? "/", "http://stand-in");
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBodyBytes) throw new BadRequest(413, "Body too large");
    chunks.push(chunk);
  }
  return {
    method: request.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    rawBody: Buffer.concat(chunks).toString("utf8"),
  };
}

/** Writes an answer: objects as JSON, strings as HTML. */
export function writeAnswer(response: ServerResponse, answer: Answer): void {
  if (response.destroyed || response.writableEnded) return;
  const isText = typeof answer.body === "string" || answer.body instanceof Uint8Array;
  const body = isText ? (answer.body as string | Uint8Array) : JSON.stringify(answer.body, null, 2);
  response.writeHead(answer.status, {
    "content-type": isText ? "text/html; charset=utf-8" : "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    ...answer.headers,
  });
  response.end(body);
}

/** A 303 to `location`. */
export function seeOther(location: string): Answer {
  return { status: 303, body: "", headers: { location } };
}

/** Parses a JSON body; an empty one is `{}`. */
export function parseJson(rawBody: string): unknown {
  if (rawBody.trim() === "") return {};
  try {
    return JSON.parse(rawBody) as unknown;
  } catch {
    throw new BadRequest(400, "The body is not JSON");
  }
}

/** Text made safe for HTML, also inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** A server on 127.0.0.1 and its port. */
export interface Listening {
  server: Server;
  port: number;
}

/**
 * Serves `handle` on 127.0.0.1, on `port` if it is free and on any free port otherwise.
 * A defect in `handle` is logged to stderr and answered with 500.
 */
export async function listen(
  port: number,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Listening> {
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      const status = error instanceof BadRequest ? error.status : 500;
      if (status === 500) console.error(error);
      const message = error instanceof Error ? error.message : String(error);
      writeAnswer(response, { status, body: { error: message } });
    });
  });
  server.keepAliveTimeout = 5_000;
  await onFreePort(port, (candidate) => bind(server, candidate));
  return { server, port: (server.address() as AddressInfo).port };
}

function bind(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/**
 * Listens on `port`, or on another one when it is taken or 0. Others are below the range from
 * which systems take the ports of outgoing connections, so that a port which is kept for the next
 * start is still free then.
 */
export async function onFreePort<T>(
  port: number,
  listenOn: (port: number) => Promise<T>,
): Promise<T> {
  const others = Array.from({ length: 50 }, () => randomInt(20_000, 32_000));
  for (const candidate of port === 0 ? others : [port, ...others]) {
    try {
      return await listenOn(candidate);
    } catch (error) {
      if (!isPortTaken(error)) throw error;
    }
  }
  return listenOn(0);
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}

/** Stops listening and cuts open connections. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
