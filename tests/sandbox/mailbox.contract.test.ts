import { createTransport } from "nodemailer";
import type { Transporter } from "nodemailer";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startStandIns } from "#tests/support/stand-ins.ts";
import type { StartedStandIns } from "#tests/support/stand-ins.ts";

let standIns: StartedStandIns;
let transport: Transporter;

beforeAll(async () => {
  standIns = await startStandIns();
  transport = createTransport(standIns.addresses.smtp);
});

afterAll(async () => {
  transport.close();
  await standIns.stop();
});

beforeEach(() => standIns.mailbox.reset());

const mail = {
  from: "Axis <no-reply@axis.example>",
  to: "lin@axis.example",
  subject: "您的套餐已续费",
  text: "查看订单：http://shop.example/orders/1",
  html: '<p>查看 <a href="http://shop.example/orders/1?a=1&amp;b=2">订单</a><script>alert(1)</script></p>',
  headers: { "Auto-Submitted": "auto-generated" },
};

test("a mail arrives with its text, HTML and headers, and is found by address, subject and time", async () => {
  const start = new Date().toISOString();
  await transport.sendMail(mail);
  await transport.sendMail({ ...mail, to: "emma@axis.example", subject: "Renewed" });
  const [message, ...others] = await standIns.mailbox.waitForMail("Lin@axis.example");
  expect(others).toEqual([]);
  expect(message).toMatchObject({
    to: "lin@axis.example",
    subject: "您的套餐已续费",
    headers: { "auto-submitted": "auto-generated" },
  });
  expect(message?.text).toContain("http://shop.example/orders/1");
  expect(message?.html).toContain("订单");
  expect(await standIns.mailbox.mail(null, { since: start })).toHaveLength(2);
  expect(await standIns.mailbox.mail(null, { subject: "renewed" })).toHaveLength(1);
  const later = new Date(Date.now() + 60_000).toISOString();
  expect(await standIns.mailbox.mail(null, { since: later })).toEqual([]);
});

test("the mailbox is a page to read, on which a mail's own scripts cannot run", async () => {
  await transport.sendMail(mail);
  const [message] = await standIns.mailbox.waitForMail("lin@axis.example");
  const list = await (await fetch(standIns.addresses.mailbox)).text();
  expect(list).toContain(`/messages/${message?.id}`);
  const page = await (await fetch(`${standIns.addresses.mailbox}/messages/${message?.id}`)).text();
  expect(page).toContain('href="http://shop.example/orders/1?a=1&amp;b=2"');
  expect(page).not.toContain("<script>");
  const frame = await fetch(`${standIns.addresses.mailbox}/messages/${message?.id}/html`);
  expect(frame.headers.get("content-security-policy")).toContain("default-src 'none'");
});

test("mail can be away for a while and is kept by the sender's next try", async () => {
  await standIns.mailbox.setFault({ kind: "refuse", errorCode: "451", times: 2 });
  await expect(transport.sendMail(mail)).rejects.toMatchObject({ responseCode: 451 });
  await expect(transport.sendMail(mail)).rejects.toMatchObject({ responseCode: 451 });
  await transport.sendMail(mail);
  expect(await standIns.mailbox.mail("lin@axis.example")).toHaveLength(1);
  const log = await standIns.mailbox.log();
  expect(log.map(({ status, acted }) => [status, acted])).toEqual([
    [451, false],
    [451, false],
    [250, true],
  ]);
});

test("only the recipient that is matched is refused", async () => {
  await standIns.mailbox.setFault({
    kind: "refuse",
    errorCode: "550",
    match: { path: "emma@axis.example" },
  });
  await transport.sendMail(mail);
  await expect(transport.sendMail({ ...mail, to: "emma@axis.example" })).rejects.toMatchObject({
    responseCode: 550,
  });
});

test("a mail that is held is delivered when it is let go", async () => {
  await standIns.mailbox.setFault({ kind: "hold_before" });
  const sending = transport.sendMail(mail);
  await standIns.mailbox.waitForHeld();
  expect(await standIns.mailbox.mail(null)).toEqual([]);
  await standIns.mailbox.release();
  await sending;
  expect(await standIns.mailbox.mail(null)).toHaveLength(1);
});

test("the mailbox can be emptied", async () => {
  await transport.sendMail(mail);
  await standIns.mailbox.clearMail();
  expect(await standIns.mailbox.mail(null)).toEqual([]);
});
