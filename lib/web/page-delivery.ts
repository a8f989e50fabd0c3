import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { PAGE_SCRIPT } from "./page-script.ts";

/*
 * Pages leave the server in one piece. The framework compresses them as it streams, a little at a time,
 * which costs a third of what compression can save; our pages have nothing to stream. In light mode the
 * framework's scripts, which the policy would stop anyway, are taken out: three quarters of a small page.
 * Files under /_next/ and endpoints go on as they are.
 */
const holder = globalThis as typeof globalThis & { portalDeliversPages?: true };

/** Begins to deliver pages in one piece. Called once per process, by instrumentation.ts. */
export function deliverPages(): void {
  if (holder.portalDeliversPages) return;
  holder.portalDeliversPages = true;
  subscribe("http.server.request.start", (message) => {
    const { request, response } = message as {
      readonly request: IncomingMessage;
      readonly response: ServerResponse;
    };
    if (/^\/(_next|api|gsma)\//.test(request.url ?? "")) return;
    holdBack(request, response);
  });
}

/** Collects what is written to `response`, when it is a page, and sends it when it is complete. */
function holdBack(request: IncomingMessage, response: ServerResponse): void {
  // The framework compresses for whoever accepts it; here that is our work.
  const accepted = request.headers["accept-encoding"] ?? "";
  delete request.headers["accept-encoding"];
  const chunks: Buffer[] = [];
  const write = response.write.bind(response) as Send<boolean>;
  const end = response.end.bind(response) as Send<ServerResponse>;
  const writeHead = response.writeHead.bind(response) as Send<ServerResponse>;
  const flushHeaders = response.flushHeaders.bind(response);
  let held: boolean | undefined;
  const isHeld = (): boolean =>
    (held ??= request.method !== "HEAD" && !response.headersSent && isPage(response));

  response.flushHeaders = () => {
    if (!isHeld()) flushHeaders();
  };
  // Also called by whoever is about to write; the head of a page is written with its length, at the end.
  response.writeHead = (...sent: Sent) => {
    if (!isHeld()) return writeHead(...sent);
    if (typeof sent[0] === "number") response.statusCode = sent[0];
    for (const [name, value] of Object.entries(sent.find(isFields) ?? {})) {
      response.setHeader(name, value);
    }
    return response;
  };
  response.write = (...sent: Sent) => {
    if (!isHeld()) return write(...sent);
    keep(chunks, sent);
    return true;
  };
  response.end = ((...sent: Sent) => {
    if (!isHeld()) return end(...sent);
    keep(chunks, sent);
    held = false;
    return end(encode(Buffer.concat(chunks), accepted, response));
  }) as ServerResponse["end"];
}

/** What `write` and `end` take: a chunk, its encoding, a callback, or fewer of them. */
type Sent = readonly unknown[];
type Send<T> = (...sent: Sent) => T;

function keep(chunks: Buffer[], [chunk, ...rest]: Sent): void {
  if (typeof chunk === "string") {
    chunks.push(Buffer.from(chunk, rest[0] === "latin1" ? "latin1" : "utf8"));
  } else if (chunk instanceof Uint8Array) {
    chunks.push(Buffer.from(chunk));
  }
  const callback = [chunk, ...rest].find(isCallback);
  if (callback !== undefined) queueMicrotask(callback);
}

function isCallback(part: unknown): part is () => void {
  return typeof part === "function";
}

function isFields(part: unknown): part is Readonly<Record<string, string | string[]>> {
  return typeof part === "object" && part !== null;
}

/** Compressed in the same turn, so that the response is over when the framework believes it is. */
function encode(page: Buffer, accepted: string, response: ServerResponse): Buffer {
  const whole = isLight(response) ? Buffer.from(withoutFramework(page.toString("utf8"))) : page;
  const encoding = chooseEncoding(accepted);
  const body = encoding === null ? whole : ENCODERS[encoding](whole);
  if (encoding !== null) response.setHeader("Content-Encoding", encoding);
  if (!/accept-encoding/i.test(String(response.getHeader("vary") ?? ""))) {
    response.appendHeader("Vary", "Accept-Encoding");
  }
  response.setHeader("Content-Length", body.length);
  return body;
}

function isPage(response: ServerResponse): boolean {
  return String(response.getHeader("content-type") ?? "").startsWith("text/html");
}

/** Whether the policy of this page lets only our own script run. */
function isLight(response: ServerResponse): boolean {
  const policy = String(response.getHeader("content-security-policy") ?? "");
  return policy !== "" && !policy.includes("'nonce-");
}

/**
 * A page without the framework's scripts and what announces them. In our pages `<script` begins a
 * script and nothing else: React escapes it in text, attributes and data.
 */
export function withoutFramework(html: string): string {
  return html
    .replace(/<script\b[^>]*>([\s\S]*?)<\/script>/g, (element, source: string) =>
      source === PAGE_SCRIPT ? element : "",
    )
    .replace(/<link rel="preload" as="script"[^>]*>/g, "");
}

const ENCODERS = {
  br: (body: Buffer) =>
    brotliCompressSync(body, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 5,
        [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
        [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
      },
    }),
  gzip: (body: Buffer) => gzipSync(body),
} as const;

/** The best encoding that `Accept-Encoding` (RFC 9110 section 12.5.3) allows; null: none. */
export function chooseEncoding(accepted: string): keyof typeof ENCODERS | null {
  const offered = accepted
    .toLowerCase()
    .split(",")
    .map((part) => part.trim())
    .filter((part) => !/;\s*q=0(\.0*)?$/.test(part))
    .map((part) => part.split(";")[0]);
  if (offered.includes("br")) return "br";
  return offered.includes("gzip") ? "gzip" : null;
}
