import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#lib/access/actor.ts";
import { hashPassword } from "#lib/access/password.ts";
import { db, pool } from "#lib/db/client.ts";
import { getDashboard } from "#lib/services/account/get-dashboard.ts";
import { signIn } from "#lib/services/account/sign-in.ts";
import { getAccountOverview } from "#lib/services/console/get-account-overview.ts";
import { SearchAccountsInput } from "#lib/services/console/schemas.ts";
import { searchAccounts } from "#lib/services/console/search-accounts.ts";
import { getEsimInstall } from "#lib/services/esim/get-esim-install.ts";
import { getEsim } from "#lib/services/esim/get-esim.ts";
import { listOrders } from "#lib/services/order/list-orders.ts";
import { listPlanOffers } from "#lib/services/order/list-plan-offers.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import {
  givePlans,
  giveRenewer,
  giveStaff,
  openWorld,
  visitorFrom,
  type World,
} from "#tests/support/world.ts";

let world: World;
const PASSWORD = "correct horse battery staple";

beforeAll(async () => {
  world = await openWorld();
  await givePlans(world, [{ code: "add-10" }]);
});
afterAll(async () => await world.close());

describe("signing in", () => {
  test("works with the right password, however the address is written", async () => {
    const { customer } = await giveCustomerWithPassword();
    const result = await signIn(visitorFrom("203.0.113.1"), {
      email: customer.email,
      password: PASSWORD,
    });
    expect(result).toEqual({
      ok: true,
      value: { accountId: customer.accountId, role: "customer" },
    });
  });

  test("says the same about a wrong password, an unknown address, and accounts that may not", async () => {
    const [known, unverified, disabled] = [
      await giveCustomerWithPassword(),
      await giveCustomerWithPassword(),
      await giveCustomerWithPassword(),
    ];
    await db().account.update({
      where: { id: unverified.customer.accountId },
      data: { emailVerifiedAt: null },
    });
    await db().account.update({
      where: { id: disabled.customer.accountId },
      data: { disabledAt: new Date() },
    });
    const visitor = visitorFrom("203.0.113.2");
    const answers = [
      await signIn(visitor, { email: known.customer.email, password: "wrong" }),
      await signIn(visitor, { email: "nobody@example.test", password: PASSWORD }),
      await signIn(visitor, { email: unverified.customer.email, password: PASSWORD }),
      await signIn(visitor, { email: disabled.customer.email, password: PASSWORD }),
    ];
    for (const answer of answers) {
      expect(answer).toEqual({ ok: false, refusal: { code: "credentials_wrong" } });
    }
  });

  test("stops a guesser, and does not lock the owner out", async () => {
    const { customer } = await giveCustomerWithPassword();
    const guesser = visitorFrom("203.0.113.3");
    const guesses = [];
    for (let n = 0; n < 10; n += 1) {
      guesses.push(await signIn(guesser, { email: customer.email, password: `guess ${n}` }));
    }
    expect(guesses.at(-1)).toMatchObject({ ok: false, refusal: { code: "too_many_attempts" } });
    const right = await signIn(guesser, { email: customer.email, password: PASSWORD });
    expect(right).toMatchObject({ ok: false, refusal: { code: "too_many_attempts" } });
    const owner = await signIn(visitorFrom("198.51.100.7"), {
      email: customer.email,
      password: PASSWORD,
    });
    expect(owner.ok).toBe(true);
  });

  test("stops many guessers together, and lets the owner in from where the account is known", async () => {
    const { customer } = await giveCustomerWithPassword();
    await db().session.create({
      data: {
        accountId: customer.accountId,
        expiresAt: new Date(0),
        address: "2001:db8:7:1::abcd",
      },
    });
    const attempt = async (address: string, password: string) =>
      await signIn(visitorFrom(address), { email: customer.email, password });
    // Right ones are given back, however many there are.
    expect((await attempt("192.0.2.200", PASSWORD)).ok).toBe(true);
    for (let n = 0; n < 60; n += 1) {
      expect(await attempt(`192.0.2.${n}`, "guess")).toEqual({
        ok: false,
        refusal: { code: "credentials_wrong" },
      });
    }
    expect(await attempt("192.0.2.61", PASSWORD)).toMatchObject({
      ok: false,
      refusal: { code: "too_many_attempts" },
    });
    // Another address of the network at home.
    expect((await attempt("2001:db8:7:1:ffff::2", PASSWORD)).ok).toBe(true);
  });

  test("does the same work for an address that nobody has, and writes none down", async () => {
    const email = `${randomUUID()}@nobody.example`;
    const count = async () =>
      await db().auditEvent.count({ where: { action: "session.refused", subject: "no account" } });
    const before = await count();
    await signIn(visitorFrom("203.0.113.21"), { email, password: "guess" });
    expect(await count()).toBe(before + 1);
    expect(
      await world.sql("SELECT 1 FROM audit_event WHERE position($1 in audit_event::text) > 0", [
        email,
      ]),
    ).toEqual([]);
  });
});

describe("the dashboard", () => {
  test("is one round trip to the database", async () => {
    const { customer, iccid, until } = await giveRenewer(world, { balanceMinor: 32_800n });
    const queries: unknown[] = [];
    const client = pool();
    const original = client.query.bind(client);
    Object.assign(client, {
      query: (...args: unknown[]) => {
        queries.push(args[0]);
        return Reflect.apply(original, client, args) as unknown;
      },
    });
    const result = await getDashboard(customer);
    Object.assign(client, { query: original });
    expect(queries).toHaveLength(1);
    expect(result).toMatchObject({
      ok: true,
      value: {
        balance: { amountMinor: 32_800n, currency: "CNY" },
        esims: [{ iccid, condition: "running_low", now: { dataBytes: 800n * 1024n ** 2n, until } }],
      },
    });
  });
});

describe("what belongs to somebody else", () => {
  test("is not there for another customer", async () => {
    const [mine, theirs] = [await giveRenewer(world), await giveRenewer(world)];
    const input = { iccid: theirs.iccid, planCode: "add-10" };
    for (const result of [
      await getEsim(mine.customer, input),
      await getEsimInstall(mine.customer, input),
      await quoteOrder(mine.customer, input),
      await listPlanOffers(mine.customer, input),
    ]) {
      expect(result).toEqual({ ok: false, refusal: { code: "not_found" } });
    }
  });

  test("visitors are sent to sign in, staff and customers each have their own verbs", async () => {
    const { customer, iccid } = await giveRenewer(world);
    const staff = await giveStaff();
    const visitor = visitorFrom("203.0.113.9");
    const asCustomer = (actor: Actor) => [
      getDashboard(actor),
      getEsim(actor, { iccid }),
      getEsimInstall(actor, { iccid }),
      listOrders(actor, {}),
      listPlanOffers(actor, { iccid }),
      quoteOrder(actor, { iccid, planCode: "add-10" }),
      placeOrder(actor, {
        attemptId: "00000000-0000-4000-8000-000000000000",
        quote: "x",
        iccid,
        planCode: "add-10",
        startChoice: "now",
        method: "balance",
        useBalance: false,
        acceptLoss: false,
        repeat: false,
      }),
    ];
    for (const [actor, code] of [
      [visitor, "not_signed_in"],
      [staff, "not_allowed"],
    ] as const) {
      for (const result of await Promise.all(asCustomer(actor))) {
        expect(result).toEqual({ ok: false, refusal: { code } });
      }
    }
    for (const [actor, code] of [
      [visitor, "not_signed_in"],
      [customer, "not_allowed"],
    ] as const) {
      for (const result of await Promise.all([
        searchAccounts(actor, { query: iccid }),
        getAccountOverview(actor, { accountId: customer.accountId }),
      ])) {
        expect(result).toEqual({ ok: false, refusal: { code } });
      }
    }
  });
});

describe("support", () => {
  test("finds a customer by whatever can be read out, and every look is written down", async () => {
    const { customer, iccid } = await giveRenewer(world, { balanceMinor: 10_000n });
    await db().account.update({
      where: { id: customer.accountId },
      data: { phone: "+8613812345678" },
    });
    const quote = await quoteOrder(customer, { iccid, planCode: "add-10" });
    if (!quote.ok) throw new Error(quote.refusal.code);
    const placed = await placeOrder(customer, {
      attemptId: quote.value.attemptId,
      quote: quote.value.token,
      iccid,
      planCode: "add-10",
      startChoice: "now",
      method: "balance",
      useBalance: false,
      acceptLoss: false,
      repeat: false,
    });
    if (!placed.ok) throw new Error(placed.refusal.code);
    const payment = await db().payment.findFirstOrThrow({
      where: { order: { number: placed.value.orderNumber } },
    });

    const staff = await giveStaff();
    for (const query of [
      customer.email.toUpperCase(),
      "+86 138 1234 5678",
      "13812345678",
      iccid,
      iccid.slice(6, 17),
      placed.value.orderNumber,
      placed.value.orderNumber.toLowerCase().replaceAll("-", ""),
      payment.id,
    ]) {
      const found = await searchAccounts(staff, { query });
      if (!found.ok) throw new Error(found.refusal.code);
      expect([query, found.value.hits.map((hit) => hit.accountId)]).toEqual([
        query,
        [customer.accountId],
      ]);
    }
    const overview = await getAccountOverview(staff, { accountId: customer.accountId });
    expect(overview).toMatchObject({
      ok: true,
      value: {
        email: customer.email,
        orders: [{ number: placed.value.orderNumber, state: "inProgress" }],
      },
    });
    const looks = await db().auditEvent.findMany({
      where: { actorId: staff.accountId },
      orderBy: { at: "asc" },
    });
    expect(looks.map((look) => look.action)).toEqual([
      ...Array.from({ length: 8 }, () => "accounts.searched"),
      "account.viewed",
    ]);
    const found = looks.slice(0, 8);
    expect(new Set(found.map((look) => look.subject))).toEqual(
      new Set([`accounts ${customer.accountId}`]),
    );
    expect(found.map((look) => look.reason)).toEqual([
      "email",
      "phone",
      "phone",
      "iccid digits",
      "iccid digits",
      "order number",
      "order number",
      "payment reference",
    ]);
  });

  test("leaves nothing personal of a search in the audit, whatever it found", async () => {
    const staff = await giveStaff();
    for (const query of [
      "somebody@nowhere.example",
      "+44 7700 900123",
      "89860000000000000009",
      "cs_test_unknown",
    ]) {
      await searchAccounts(staff, { query });
    }
    const looks = await db().auditEvent.findMany({
      where: { actorId: staff.accountId },
      orderBy: { at: "asc" },
      select: { subject: true, reason: true },
    });
    expect(looks).toEqual([
      { subject: "no accounts", reason: "email" },
      { subject: "no accounts", reason: "phone, iccid digits" },
      { subject: "no accounts", reason: "iccid digits" },
      { subject: "no accounts", reason: "email, payment reference" },
    ]);
  });

  test.each(["a", "  ab  "])("is asked for more than %j", (query) => {
    expect(SearchAccountsInput.safeParse({ query }).success).toBe(false);
  });

  test("never finds staff, nor anything for a customer who asks", async () => {
    const staff = await giveStaff();
    expect(await searchAccounts(staff, { query: staff.email })).toMatchObject({
      ok: true,
      value: { hits: [] },
    });
    expect(await getAccountOverview(staff, { accountId: staff.accountId })).toEqual({
      ok: false,
      refusal: { code: "not_found" },
    });
  });
});

async function giveCustomerWithPassword() {
  const renewer = await giveRenewer(world);
  await db().account.update({
    where: { id: renewer.customer.accountId },
    data: { passwordHash: await hashPassword(PASSWORD) },
  });
  return renewer;
}
