import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import type { SMTPServerSession } from "smtp-server";
import type { Readable } from "node:stream";
import type { Fault } from "../faults.ts";
import { onFreePort } from "../http.ts";
import type { StandIn } from "../stand-in.ts";
import type { Message, Messages } from "./messages.ts";

/** The faults that mail knows; the others do not apply. */
const mailFaults = [
  "delay",
  "timeout_before",
  "timeout_after",
  "hold_before",
  "hold_after",
  "status",
  "refuse",
] as const;

type MailFault = Fault<(typeof mailFaults)[number]>;

/** A refusal with an SMTP code. */
class SmtpRefusal extends Error {
  readonly responseCode: number;

  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

/** A running SMTP server. */
export interface RunningSmtp {
  port: number;
  stop(): Promise<void>;
}

/**
 * Takes mail on 127.0.0.1 without sign-in or encryption and keeps it. Faults match by method
 * "SMTP" and by recipient as path: `refuse` with an SMTP code as errorCode (451, 550 …), `status`
 * 4xx/5xx likewise, `delay`, holds and time-outs before or after the mail was kept.
 */
export async function startSmtp(
  standIn: StandIn,
  messages: Messages,
  port: number,
): Promise<RunningSmtp> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    logger: false,
    onData(stream, session, callback) {
      void answer(() => receive(standIn, messages, stream, session), callback);
    },
  });
  const listening = await onFreePort(port, (candidate) => bind(server, candidate));
  server.on("error", (error) => console.error("mailbox:", error.message));
  return {
    port: listening,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function answer(work: () => Promise<void>, callback: (error?: Error) => void): Promise<void> {
  let failure: Error | undefined;
  try {
    await work();
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  }
  callback(failure);
}

function bind(server: SMTPServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    // The server passes the socket's errors on as its own.
    server.once("error", reject);
    const listening = server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      const address = listening.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

async function receive(
  standIn: StandIn,
  messages: Messages,
  stream: Readable,
  session: SMTPServerSession,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  const source = Buffer.concat(chunks);
  const recipients = session.envelope.rcptTo.map(({ address }) => address.toLowerCase());
  const parsed = await simpleParser(source);
  const headers = Object.fromEntries(
    parsed.headerLines.map(({ key, line }) => [key, line.slice(line.indexOf(":") + 1).trim()]),
  );
  const first = recipients[0] ?? "";
  const params = { to: recipients, subject: parsed.subject ?? "" };
  const { id, fault } = standIn.store.transaction(() => {
    const occurrence = { method: "SMTP", path: first, rawBody: source.toString("utf8") };
    const taken: MailFault | null = standIn.faults.take(mailFaults, occurrence);
    const entry = standIn.log.arrive({
      method: "SMTP",
      path: first,
      params,
      idempotencyKey: headers["message-id"] ?? null,
      transactionId: null,
    });
    if (taken) standIn.log.note(entry, { fault: taken.kind });
    return { id: entry, fault: taken };
  });
  const park = (stage: "before" | "after"): Promise<void> =>
    standIn.held.park({
      id,
      stage,
      at: new Date().toISOString(),
      method: "SMTP",
      path: first,
      params,
    });

  if (fault) await before(standIn, id, fault, park);
  standIn.store.transaction(() => {
    for (const to of recipients) {
      messages.keep({
        id: crypto.randomUUID(),
        to,
        from:
          parsed.from?.text ?? (session.envelope.mailFrom ? session.envelope.mailFrom.address : ""),
        subject: parsed.subject ?? "",
        text: parsed.text ?? "",
        html: typeof parsed.html === "string" ? parsed.html : null,
        headers,
        receivedAt: new Date().toISOString(),
      } satisfies Message);
    }
    standIn.log.note(id, { acted: true });
  });
  if (fault?.kind === "hold_after") await park("after");
  if (fault?.kind === "timeout_after") {
    await wait(fault.ms);
    throw new SmtpRefusal(421, "Connection lost (a fault of the stand-in)");
  }
  standIn.log.note(id, { status: 250 });
}

async function before(
  standIn: StandIn,
  id: number,
  fault: MailFault,
  park: (stage: "before") => Promise<void>,
): Promise<void> {
  if (fault.kind === "delay") await wait(fault.ms);
  if (fault.kind === "hold_before") await park("before");
  if (fault.kind === "timeout_before") {
    await wait(fault.ms);
    throw new SmtpRefusal(421, "Connection lost (a fault of the stand-in)");
  }
  if (fault.kind === "refuse" || fault.kind === "status") {
    const code = fault.kind === "status" ? fault.status : Number(fault.errorCode) || 451;
    standIn.log.note(id, { status: code, errorCode: String(code) });
    throw new SmtpRefusal(code, "Refused by a fault of the stand-in");
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
