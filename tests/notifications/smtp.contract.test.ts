import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Mailer } from "#lib/notifications/port.ts";
import { MailRejectedError, MailUnavailableError } from "#lib/notifications/port.ts";
import { smtpMailer } from "#lib/notifications/smtp.ts";
import { startStandIns, type StartedStandIns } from "#tests/support/stand-ins.ts";
import { unusedAddress } from "#tests/support/webhook-receiver.ts";

let standIns: StartedStandIns;

beforeAll(async () => {
  standIns = await startStandIns();
});
afterAll(async () => {
  await standIns.stop();
});
beforeEach(async () => {
  await standIns.mailbox.reset();
});

function mailer(change: { url?: string; stepTimeoutMs?: number; timeoutMs?: number } = {}): Mailer {
  return smtpMailer({
    url: standIns.addresses.smtp,
    from: "Axis <no-reply@axis.example>",
    stepTimeoutMs: 3_000,
    timeoutMs: 5_000,
    ...change,
  });
}

const message = {
  id: "0190b3f0-5b5e-7c3a-9d39-0f6a3c2e1d10",
  to: "lin@axis.example",
  subject: "套餐已开通（订单 AX-2345-6789）",
  text: "您好：\n套餐已开通。\n",
  html: "<p>您好：</p>",
  locale: "zh-CN",
} as const;

describe("a message", () => {
  it("arrives as it was written, as text and as a page", async () => {
    expect(await mailer().send(message)).toBe("sent");
    const [mail] = await standIns.mailbox.mail(message.to);
    expect(mail).toMatchObject({
      to: message.to,
      subject: message.subject,
      text: message.text,
      html: message.html,
    });
    expect(mail?.from).toContain("no-reply@axis.example");
    expect(mail?.headers).toMatchObject({
      "content-language": "zh-CN",
      "auto-submitted": "auto-generated",
    });
  });

  it("sent again after a crash is the same message", async () => {
    await mailer().send(message);
    await mailer().send(message);
    await mailer().send({ ...message, id: "another" });
    const ids = (await standIns.mailbox.mail(message.to)).map((mail) => mail.headers["message-id"]);
    expect(ids).toEqual([
      `<notice.${message.id}@axis.example>`,
      `<notice.${message.id}@axis.example>`,
      "<notice.another@axis.example>",
    ]);
  });

  it("goes to one person, whatever the subject and the address try", async () => {
    await mailer().send({ ...message, subject: "Hello\r\nBcc: eve@evil.example" });
    const all = await standIns.mailbox.mail(null);
    expect(all.map((mail) => mail.to)).toEqual([message.to]);
    expect(all[0]?.headers["bcc"]).toBeUndefined();
  });
});

describe("what cannot be sent now", () => {
  it.each([421, 450, 451, 452, 503])("is tried again later after %i", async (status) => {
    await standIns.mailbox.setFault({ kind: "refuse", errorCode: String(status) });
    await expect(mailer().send(message)).rejects.toThrow(MailUnavailableError);
    expect(await mailer().send(message)).toBe("sent");
  });

  it("is tried again later when nobody answers in time", async () => {
    await standIns.mailbox.setFault({ kind: "timeout_before", ms: 3_000 });
    await expect(mailer({ stepTimeoutMs: 300 }).send(message)).rejects.toThrow(
      MailUnavailableError,
    );
    await standIns.mailbox.setFault({ kind: "timeout_before", ms: 3_000 });
    await expect(mailer({ timeoutMs: 300 }).send(message)).rejects.toThrow(MailUnavailableError);
  });

  it("is tried again later when the mail server is away", async () => {
    const url = (await unusedAddress()).replace("http:", "smtp:");
    await expect(mailer({ url }).send(message)).rejects.toThrow(MailUnavailableError);
  });

  it("is not tried again when the server will never take it", async () => {
    await standIns.mailbox.setFault({ kind: "refuse", errorCode: "550" });
    await expect(mailer().send(message)).rejects.toThrow(MailRejectedError);
    await expect(mailer().send({ ...message, to: "" })).rejects.toThrow(MailRejectedError);
  });

  it("says why without repeating the address", async () => {
    await standIns.mailbox.setFault({ kind: "refuse", errorCode: "550" });
    const failure = mailer().send(message);
    await expect(failure).rejects.toThrow("550");
    await expect(failure).rejects.not.toThrow(message.to);
  });
});

it("a sender that is no address is refused at once, not at the first message", () => {
  expect(() =>
    smtpMailer({ url: "smtp://localhost", from: "Axis", stepTimeoutMs: 1, timeoutMs: 1 }),
  ).toThrow("MAIL_FROM");
});
