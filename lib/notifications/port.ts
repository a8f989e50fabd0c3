import type { Locale } from "#lib/domain/locale.ts";

/** One message to one person. */
export interface Message {
  /** Id of the notice: a message sent twice with the same id is the same message to mail programs. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly locale: Locale;
}

/** Hands messages over for delivery. */
export interface Mailer {
  /**
   * `sent`: the mail server took the message on. Throws {@link MailUnavailableError} when it may be tried
   * again later, {@link MailRejectedError} when this message will never be taken.
   */
  send(message: Message): Promise<"sent">;
}

/** The mail server could not be reached, is busy, or does not take our credentials: try again. */
export class MailUnavailableError extends Error {
  override readonly name = "MailUnavailableError";
}

/** The mail server refuses this recipient or message for good. */
export class MailRejectedError extends Error {
  override readonly name = "MailRejectedError";
}
