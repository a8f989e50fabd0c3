import { createTransport } from "nodemailer";
import { MailRejectedError, MailUnavailableError, type Mailer, type Message } from "./port.ts";

/** What the mailer needs of the settings. */
export interface SmtpSettings {
  /** `smtp://user:password@host:port` or `smtps://…`. */
  readonly url: string;
  /** `Name <address>` or an address. */
  readonly from: string;
  /** How long each step of a delivery may take. */
  readonly stepTimeoutMs: number;
  /** How long a whole delivery may take. */
  readonly timeoutMs: number;
}

/**
 * Mail over SMTP, one connection per message.
 *
 * The Message-ID follows from the notice: when a worker dies between handing a message over and
 * writing that down, the repeated message is the same one to the recipient's mailbox.
 */
export function smtpMailer(settings: SmtpSettings): Mailer {
  const transport = createTransport({
    url: settings.url,
    dnsTimeout: settings.stepTimeoutMs,
    connectionTimeout: settings.stepTimeoutMs,
    greetingTimeout: settings.stepTimeoutMs,
    socketTimeout: settings.stepTimeoutMs,
    // Texts carry customers' words: no content is ever read from a file or an address they name.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = domainOf(settings.from);

  return {
    async send(message: Message): Promise<"sent"> {
      const delivery = transport.sendMail({
        from: settings.from,
        to: { name: "", address: message.to },
        subject: message.subject,
        text: message.text,
        html: message.html,
        messageId: `<notice.${message.id}@${domain}>`,
        headers: {
          "Content-Language": message.locale,
          "Auto-Submitted": "auto-generated",
        },
      });
      try {
        await within(delivery, settings.timeoutMs);
        return "sent";
      } catch (error) {
        throw isForGood(error)
          ? new MailRejectedError(describe(error), { cause: error })
          : new MailUnavailableError(describe(error), { cause: error });
      }
    },
  };
}

/**
 * Whether a failure is about this message: a permanent reply about its recipient or its content
 * (550 to 556, RFC 5321 4.2.3), or an address that is none. 500 to 504 are about the conversation, and
 * a refusal of our sender or our credentials is the operator's to put right: no reason to drop what
 * customers wait for.
 */
function isForGood(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, command, responseCode } = error as SmtpFailure;
  if (responseCode !== undefined) {
    const isPermanent = responseCode >= 550 && responseCode <= 556;
    return isPermanent && (command === "RCPT TO" || command === "DATA");
  }
  return code === "EENVELOPE" && command === "API";
}

/** What nodemailer puts on the errors of an SMTP delivery. */
interface SmtpFailure extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
}

/** Codes only: a server's words may repeat the recipient's address. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return "the message could not be handed over";
  const { code, command, responseCode } = error as SmtpFailure;
  const parts = [code ?? error.name, command, responseCode].filter((part) => part !== undefined);
  return `the message could not be handed over: ${parts.join(" ")}`;
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("no end in time")), ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
    // Should it fail after the deadline, nobody is listening any more.
    promise.catch(() => undefined);
  }
}

function domainOf(from: string): string {
  const domain = /@([^\s<>@]+)>?\s*$/.exec(from)?.[1];
  if (domain === undefined) throw new Error("MAIL_FROM names no mail address");
  return domain;
}
