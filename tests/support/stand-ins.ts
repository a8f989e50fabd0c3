import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  BankAccountInput,
  BankSeedInput,
  BankState,
  BankTransferInput,
} from "#lib/sandbox/bank/admin.ts";
import type { Account, Transfer } from "#lib/sandbox/bank/world.ts";
import type { EsimAccessState } from "#lib/sandbox/esim-access/admin.ts";
import type { EsimAccessSeedInput } from "#lib/sandbox/esim-access/seed.ts";
import type { Fault, FaultInput } from "#lib/sandbox/faults.ts";
import type { HeldRequest } from "#lib/sandbox/held.ts";
import type { LoggedRequest } from "#lib/sandbox/log.ts";
import type { Message } from "#lib/sandbox/mailbox/messages.ts";
import type { PayPalSeedInput } from "#lib/sandbox/paypal/seed.ts";
import type { PayPalState } from "#lib/sandbox/paypal/state.ts";
import type { Funding } from "#lib/sandbox/paypal/world.ts";
import type { StripeSeedInput } from "#lib/sandbox/stripe/seed.ts";
import type { StripeState } from "#lib/sandbox/stripe/state.ts";
import type { Delivery } from "#lib/sandbox/webhooks.ts";

/** Addresses of running stand-ins, as their ready line or `.data/demo.json` gives them. */
export interface StandInAddresses {
  stripe: string;
  paypal: string;
  bank: string;
  esimAccess: string;
  mailbox: string;
  smtp: string;
}

async function call<T>(base: string, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${base}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

/** What every stand-in's admin side can do. */
export class StandInAdmin {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** Makes the next matching request (or webhook) go wrong; see lib/sandbox/faults.ts. */
  setFault(fault: FaultInput): Promise<Fault> {
    return this.post("/faults", fault);
  }

  faults(): Promise<Fault[]> {
    return this.get("/faults");
  }

  async clearFaults(): Promise<void> {
    await call(this.url, "DELETE", "/__sandbox/faults");
  }

  async removeFault(id: string): Promise<void> {
    await call(this.url, "DELETE", `/__sandbox/faults?id=${id}`);
  }

  /** Requests that are parked by a hold fault. */
  held(): Promise<HeldRequest[]> {
    return this.get("/held");
  }

  /** Waits until a request is parked, and returns it. */
  async waitForHeld(timeoutMs = 10_000): Promise<HeldRequest> {
    return until(async () => (await this.held())[0], timeoutMs, "no request is held");
  }

  /** Lets one parked request go on, or all. */
  async release(id?: number): Promise<number[]> {
    const body = id === undefined ? { all: true } : { id };
    return (await this.post<{ released: number[] }>("/release", body)).released;
  }

  /** Every request that reached the provider after `since`, oldest first. */
  log(since = 0): Promise<LoggedRequest[]> {
    return this.get(`/log?since=${since}`);
  }

  /** The id of the newest request, for a later `log(since)`. */
  async mark(): Promise<number> {
    return (await this.log()).at(-1)?.id ?? 0;
  }

  /** Shifts the provider's business time to real time plus this. */
  async setClock(offsetSeconds: number): Promise<void> {
    await this.post("/clock", { offsetSeconds });
  }

  /**
   * Waits until no webhook is on its way or waiting any more, sending what waits for its back-off
   * at once. Only for stand-ins that send webhooks.
   */
  async waitForWebhooks(timeoutMs = 10_000): Promise<void> {
    await until(
      async () => {
        await this.post("/webhooks/hurry", {});
        const all = await this.get<Delivery[]>("/webhooks");
        return all.some(({ state }) => state === "waiting") ? undefined : true;
      },
      timeoutMs,
      "webhooks are still waiting",
    );
  }

  /** Where webhooks go from now on. */
  async setAppUrl(url: string): Promise<void> {
    await this.post("/app-url", { url });
  }

  /** Forgets everything: objects, log, faults, webhooks. */
  async reset(): Promise<void> {
    await this.post("/reset", {});
  }

  protected get<T>(path: string): Promise<T> {
    return call(this.url, "GET", `/__sandbox${path}`);
  }

  protected post<T>(path: string, body: unknown): Promise<T> {
    return call(this.url, "POST", `/__sandbox${path}`, body);
  }
}

/** How a webhook is sent again. */
export interface Redelivery {
  times?: number;
  newId?: boolean;
  /** Values at dotted paths of the event. */
  set?: Record<string, unknown>;
}

/** What paying a session led to. */
export interface PayResult {
  /** "transfer": the page says where to transfer to. */
  outcome: "done" | "confirm" | "transfer" | "declined";
  code: string | null;
  session: string;
  status: string;
  paymentStatus: string;
  paymentIntent: string | null;
  successUrl: string | null;
}

export class StripeAdmin extends StandInAdmin {
  state(): Promise<StripeState> {
    return this.get("/state");
  }

  seed(seed: StripeSeedInput): Promise<Record<string, number>> {
    return this.post("/seed", seed);
  }

  /** Pays a session as a browser would. */
  pay(
    session: string,
    options: {
      /** A type on offer; the first one unless told. */
      type?: string;
      card?: string;
      /** A saved card that the page shows. */
      saved?: string;
      email?: string;
      /** How the bank or the wallet is answered; "later": the wallet takes its time. */
      confirmation?: "confirm" | "later" | "refuse" | "leave";
    } = {},
  ): Promise<PayResult> {
    return this.post("/pay", { session, ...options });
  }

  /** A bank transfer arrives for a session's customer: what is missing, unless told. */
  fund(
    session: string,
    amount?: number,
  ): Promise<{
    paymentIntent: string;
    status: string;
    missing: number | null;
    cashBalance: number;
  }> {
    return this.post("/fund", amount === undefined ? { session } : { session, amount });
  }

  /** Ends a delayed payment. */
  settle(
    which: { session: string } | { paymentIntent: string },
    outcome: "succeeded" | "failed",
  ): Promise<unknown> {
    return this.post("/settle", { ...which, outcome });
  }

  /** The cardholder disputes a payment; returns the dispute's id. */
  async dispute(paymentIntent: string, amount?: number): Promise<string> {
    const given = amount === undefined ? { paymentIntent } : { paymentIntent, amount };
    return (await this.post<{ id: string }>("/dispute", given)).id;
  }

  /** The cardholder's bank asks about a payment, and no money moves; returns the dispute's id. */
  async inquire(paymentIntent: string): Promise<string> {
    return (await this.post<{ id: string }>("/dispute", { paymentIntent, inquiry: true })).id;
  }

  /** Ends a dispute; of an inquiry, "escalated" makes a dispute that takes the money. */
  closeDispute(dispute: string, outcome: "escalated" | "won" | "lost"): Promise<unknown> {
    return this.post("/dispute", { dispute, outcome });
  }

  /** Sends money to the bank, everything in the currency unless an amount is told; the payout's id. */
  async payOut(payout: { currency: string; amount?: number; arrivesAt?: string }): Promise<string> {
    return (await this.post<{ id: string }>("/payout", payout)).id;
  }

  /** The bank sends a payout back. */
  failPayout(payout: string): Promise<unknown> {
    return this.post("/payout", { payout, outcome: "failed" });
  }

  /** A refund made at the provider, not by the application. */
  refund(paymentIntent: string, amount?: number): Promise<{ id: string }> {
    return this.post(
      "/refund",
      amount === undefined ? { paymentIntent } : { paymentIntent, amount },
    );
  }

  /** Ends a pending refund, or lets a done one fail. */
  settleRefund(refund: string, outcome: "succeeded" | "failed"): Promise<unknown> {
    return this.post("/refund", { refund, outcome });
  }

  webhooks(): Promise<Delivery[]> {
    return this.get("/webhooks");
  }

  /** Sends an event again: by its id, or the newest that fits. */
  redeliver(
    which: { event?: string; type?: string; paymentIntent?: string; session?: string },
    how: Redelivery = {},
  ): Promise<{ event: string; type: string; times: number }> {
    return this.post("/webhooks/redeliver", { ...which, ...how });
  }

  /** Sends what still waits for its back-off at once. */
  async hurryWebhooks(): Promise<void> {
    await this.post("/webhooks/hurry", {});
  }
}

/** Money as PayPal writes it. */
interface PayPalMoney {
  currency_code: string;
  value: string;
}

export class PayPalAdmin extends StandInAdmin {
  state(): Promise<PayPalState> {
    return this.get("/state");
  }

  seed(seed: PayPalSeedInput): Promise<Record<string, number>> {
    return this.post("/seed", seed);
  }

  /** The payer approves an order as on PayPal's page; `funding` decides how charging it will go. */
  approve(
    order: string,
    options: { funding?: Funding; payer?: string } = {},
  ): Promise<{ order: string; status: string; returnUrl: string | null }> {
    return this.post("/approve", { order, ...options });
  }

  /** PayPal gives up an approved order that nobody captured. */
  reverseApproval(order: string): Promise<unknown> {
    return this.post("/reverse-approval", { order });
  }

  /** Ends a pending capture. */
  settle(capture: string, outcome: "completed" | "declined"): Promise<unknown> {
    return this.post("/settle", { capture, outcome });
  }

  /**
   * The payer disputes a capture; returns the dispute's id. In the stage INQUIRY PayPal only asks, in
   * CHARGEBACK (when nothing is said) it holds the money; `fee` is what losing will cost.
   */
  async dispute(
    capture: string,
    how: {
      amount?: PayPalMoney;
      stage?: "INQUIRY" | "CHARGEBACK";
      reason?: string;
      fee?: PayPalMoney;
    } = {},
  ): Promise<string> {
    return (await this.post<{ dispute_id: string }>("/dispute", { capture, ...how })).dispute_id;
  }

  /** An inquiry becomes a claim, for which PayPal holds the money. */
  escalateDispute(dispute: string): Promise<unknown> {
    return this.post("/dispute", { dispute, stage: "CHARGEBACK" });
  }

  /** A dispute ends; `cancelled`: the payer takes it back. */
  closeDispute(dispute: string, outcome: "won" | "lost" | "cancelled"): Promise<unknown> {
    return this.post("/dispute", { dispute, outcome });
  }

  /** PayPal saves the wallet of an order whose funding was `saved_later`; returns the token. */
  async saveWallet(order: string): Promise<string> {
    return (await this.post<{ token: string }>("/save-wallet", { order })).token;
  }

  /** The payer takes the permission back on PayPal's site. */
  async revokeWallet(token: string): Promise<void> {
    await this.post("/revoke-wallet", { token });
  }

  /** A refund made at the provider, not by the application. */
  refund(capture: string, amount?: PayPalMoney): Promise<{ id: string }> {
    return this.post("/refund", amount === undefined ? { capture } : { capture, amount });
  }

  /** Ends a pending refund, or lets a done one fail. */
  settleRefund(refund: string, outcome: "completed" | "failed"): Promise<unknown> {
    return this.post("/refund", { refund, outcome });
  }

  webhooks(): Promise<Delivery[]> {
    return this.get("/webhooks");
  }

  /** Sends an event again: by its id, or the newest that fits. */
  redeliver(
    which: { event?: string; type?: string; about?: string },
    how: Redelivery = {},
  ): Promise<{ event: string; type: string; times: number }> {
    return this.post("/webhooks/redeliver", { ...which, ...how });
  }

  /** Sends what still waits for its back-off at once. */
  async hurryWebhooks(): Promise<void> {
    await this.post("/webhooks/hurry", {});
  }
}

/** Which file the bank is asked for. */
export interface StatementRequest {
  format: "camt053.xml" | "csv";
  from?: string;
  to?: string;
  /** CAMT: 02, 04 or 08. */
  version?: string;
  /** CSV: english, german or chinese. */
  variant?: string;
}

export class BankAdmin extends StandInAdmin {
  state(): Promise<BankState> {
    return this.get("/state");
  }

  seed(seed: BankSeedInput): Promise<Record<string, number>> {
    return this.post("/seed", seed);
  }

  /** Opens an account of the operator. */
  openAccount(account: BankAccountInput): Promise<Account> {
    return this.post("/account", account);
  }

  /** A customer, or the operator, transfers. */
  transfer(transfer: BankTransferInput): Promise<Transfer> {
    return this.post("/transfer", transfer);
  }

  /** Downloads a statement, as staff would from the bank. */
  async statement(account: string, which: StatementRequest): Promise<Uint8Array> {
    const { format, ...query } = which;
    const address = `${this.url}/statements/${account}.${format}?${new URLSearchParams(query)}`;
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`${address}: ${answer.status} ${await answer.text()}`);
    return new Uint8Array(await answer.arrayBuffer());
  }
}

type WhichEsim = { esimTranNo: string } | { iccid: string };

export class EsimAccessAdmin extends StandInAdmin {
  state(): Promise<EsimAccessState> {
    return this.get("/state");
  }

  seed(seed: EsimAccessSeedInput): Promise<Record<string, number>> {
    return this.post("/seed", seed);
  }

  /** Sets what an eSIM has used. */
  setUsage(
    which: WhichEsim,
    usage: { usedBytes: number; asOf?: string; dailyUseBytes?: number },
  ): Promise<unknown> {
    return this.post("/usage", { ...which, ...usage });
  }

  /** Sets the reseller's balance, USD × 10,000. */
  async setCredit(credit: number): Promise<void> {
    await this.post("/credit", { credit });
  }

  /** Lets the profiles of all orders that wait be there now. */
  async allocateOrders(): Promise<void> {
    await this.post("/allocate", {});
  }

  /** Changes an eSIM's states or expiry, with the notifications that follow. */
  changeEsim(
    which: WhichEsim,
    change: { esimStatus?: string; smdpStatus?: string; expiredTime?: string; notify?: boolean },
  ): Promise<unknown> {
    return this.post("/esim", { ...which, ...change });
  }

  /** Sends a notification of any kind. */
  notify(
    notifyType: string,
    which: WhichEsim | Record<string, never> = {},
    content: Record<string, unknown> = {},
  ): Promise<unknown> {
    return this.post("/notify", { notifyType, ...which, content });
  }

  webhooks(): Promise<Delivery[]> {
    return this.get("/webhooks");
  }

  redeliver(
    which: { notifyId?: string; type?: string },
    how: Redelivery = {},
  ): Promise<{ notifyId: string; type: string; times: number }> {
    return this.post("/webhooks/redeliver", { ...which, ...how });
  }
}

export class MailboxAdmin extends StandInAdmin {
  /** Mails to this address (to everybody when null), oldest first. */
  mail(to: string | null, filter: { since?: string; subject?: string } = {}): Promise<Message[]> {
    const query = new URLSearchParams({ ...(to ? { to } : {}), ...filter });
    return call(this.url, "GET", `/api/messages?${query}`);
  }

  /** Waits until `count` mails to this address are there. */
  waitForMail(
    to: string,
    options: { count?: number; subject?: string; timeoutMs?: number } = {},
  ): Promise<Message[]> {
    const { count = 1, subject, timeoutMs = 15_000 } = options;
    return until(
      async () => {
        const found = await this.mail(to, subject ? { subject } : {});
        return found.length >= count ? found : undefined;
      },
      timeoutMs,
      `no mail to ${to}`,
    );
  }

  async clearMail(): Promise<void> {
    await call(this.url, "DELETE", "/api/messages");
  }
}

/** The admin sides of all stand-ins. */
export interface StandIns {
  addresses: StandInAddresses;
  stripe: StripeAdmin;
  paypal: PayPalAdmin;
  bank: BankAdmin;
  esimAccess: EsimAccessAdmin;
  mailbox: MailboxAdmin;
}

/** A client for stand-ins that are running somewhere. */
export function standInsAt(addresses: StandInAddresses): StandIns {
  return {
    addresses,
    stripe: new StripeAdmin(addresses.stripe),
    paypal: new PayPalAdmin(addresses.paypal),
    bank: new BankAdmin(addresses.bank),
    esimAccess: new EsimAccessAdmin(addresses.esimAccess),
    mailbox: new MailboxAdmin(addresses.mailbox),
  };
}

/** The secrets that stand-ins started here use. */
export const sandboxSecrets = {
  stripeSecretKey: "sk_test_sandbox",
  stripeWebhookSecret: "whsec_sandbox",
  paypalClientId: "sandbox-client-id",
  paypalClientSecret: "sandbox-client-secret",
  paypalWebhookId: "SANDB0XWEBH00K1D0",
  esimAccessCode: "sandbox-access-code",
  esimAccessSecret: "sandbox-access-secret",
};

export interface StartedStandIns extends StandIns {
  dataFolder: string;
  process: ChildProcess;
  /** Ends the process as a crash would. */
  kill(): Promise<void>;
  /** Starts again on the same data, after `kill`. */
  restart(): Promise<StartedStandIns>;
  /** Ends the process and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts the stand-ins as a process of their own, on free ports, with their data in a new
 * temporary folder unless one is given.
 */
export async function startStandIns(
  options: { appUrl?: string; dataFolder?: string; clockOffsetSeconds?: number } = {},
): Promise<StartedStandIns> {
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), "stand-ins-"));
  const root = join(import.meta.dirname, "../..");
  const child = spawn(
    join(root, "node_modules/.bin/node"),
    [join(root, "lib/sandbox/main.ts"), "--data", dataFolder, "--stop-with-stdin"],
    {
      cwd: root,
      stdio: ["pipe", "pipe", "inherit"],
      env: {
        ...process.env,
        SANDBOX_APP_URL: options.appUrl ?? "http://127.0.0.1:9",
        SANDBOX_STRIPE_SECRET_KEY: sandboxSecrets.stripeSecretKey,
        SANDBOX_STRIPE_WEBHOOK_SECRET: sandboxSecrets.stripeWebhookSecret,
        SANDBOX_PAYPAL_CLIENT_ID: sandboxSecrets.paypalClientId,
        SANDBOX_PAYPAL_CLIENT_SECRET: sandboxSecrets.paypalClientSecret,
        SANDBOX_PAYPAL_WEBHOOK_ID: sandboxSecrets.paypalWebhookId,
        SANDBOX_ESIM_ACCESS_CODE: sandboxSecrets.esimAccessCode,
        SANDBOX_ESIM_ACCESS_SECRET: sandboxSecrets.esimAccessSecret,
        SANDBOX_CLOCK_OFFSET_SECONDS: String(options.clockOffsetSeconds ?? 0),
      },
    },
  );
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  const addresses = await readyLine(child);
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return {
    ...standInsAt(addresses),
    dataFolder,
    process: child,
    kill: () => end("SIGKILL"),
    restart: () => startStandIns({ ...options, dataFolder }),
    async stop() {
      await end("SIGTERM");
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

function readyLine(child: ChildProcess): Promise<StandInAddresses> {
  return new Promise((resolve, reject) => {
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
      const line = output
        .split("\n")
        .slice(0, -1)
        .find((each) => each.startsWith("{"));
      if (line) resolve(JSON.parse(line) as StandInAddresses);
    });
    child.once("exit", (code) => reject(new Error(`the stand-ins ended with ${code}`)));
  });
}

/** Asks again and again until `find` finds something. */
export async function until<T>(
  find: () => Promise<T | undefined>,
  timeoutMs: number,
  otherwise: string,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`Timed out: ${otherwise}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
