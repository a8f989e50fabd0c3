import { z } from "zod";
import type { Actor } from "#lib/access/actor.ts";
import { requireStaffActor } from "#lib/access/policy.ts";
import { db, type Prisma } from "#lib/db/client.ts";
import type { AccountHit } from "#lib/domain/account.ts";
import { findBankReferences } from "#lib/domain/bank-reference.ts";
import { parseOrderNumber } from "#lib/domain/order.ts";
import { accept, type Result } from "#lib/domain/refusal.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import type { SearchAccountsInput } from "./schemas.ts";

const MOST_HITS = 20;

type Person = Prisma.AccountGetPayload<{ select: typeof PERSON }>;
const PERSON = { id: true, name: true, email: true, phone: true } satisfies Prisma.AccountSelect;

/**
 * Customers by whatever somebody on the line can read out: e-mail (or the beginning of one), phone, six
 * digits or more of an ICCID, an order number, or a payment's reference (ours or the provider's). Every
 * search is written to the audit: what kind of thing was looked for and whom it led to, never the text,
 * which may be somebody's address or number.
 */
export async function searchAccounts(
  actor: Actor,
  input: SearchAccountsInput,
): Promise<Result<{ readonly query: string; readonly hits: readonly AccountHit[] }>> {
  const staff = requireStaffActor(actor);
  if (!staff.ok) return staff;
  const query = input.query.trim();
  const found = await Promise.all([
    byEmail(query),
    byPhone(query),
    byIccid(query),
    byOrderNumber(query),
    byPaymentReference(query),
  ]);
  const hits = found.flat().slice(0, MOST_HITS);
  const accountIds = [...new Set(hits.map(({ accountId }) => accountId))];
  await recordAuditEvent(db(), staff.value, {
    action: "accounts.searched",
    subject: accountIds.length === 0 ? "no accounts" : `accounts ${accountIds.join(" ")}`,
    reason: queryKinds(query, hits).join(", "),
  });
  return accept({ query, hits });
}

const KIND_NAMES = {
  email: "email",
  phone: "phone",
  iccid: "iccid digits",
  order: "order number",
  payment: "payment reference",
} as const satisfies Record<AccountHit["matched"], string>;

/** As what a query was found; when it was not, as what it could be read. */
function queryKinds(query: string, hits: readonly AccountHit[]): readonly string[] {
  const matched = new Set(hits.map((hit) => KIND_NAMES[hit.matched]));
  if (matched.size > 0) return [...matched];
  if (parseOrderNumber(query) !== null) return [KIND_NAMES.order];
  if (z.uuid().safeParse(query.toLowerCase()).success) return [KIND_NAMES.payment];
  if (readPhone(query) !== null) return [KIND_NAMES.phone, KIND_NAMES.iccid];
  if (readIccidDigits(query) !== null) return [KIND_NAMES.iccid];
  return query.includes("@") ? [KIND_NAMES.email] : [KIND_NAMES.email, KIND_NAMES.payment];
}

function readPhone(query: string): string | null {
  const digits = query.replace(/[\s().-]/g, "").replace(/^00/, "+");
  return /^\+?\d{6,15}$/.test(digits) ? digits : null;
}

function readIccidDigits(query: string): string | null {
  const digits = query.replace(/[\s-]/g, "");
  return /^\d{6,20}$/.test(digits) ? digits : null;
}

async function byEmail(query: string): Promise<AccountHit[]> {
  if (!/[@a-z]/i.test(query) || parseOrderNumber(query) !== null) return [];
  const people = await db().account.findMany({
    where: { role: "customer", email: { startsWith: query.toLowerCase() } },
    select: PERSON,
    take: MOST_HITS,
  });
  return people.map((person) => hit(person, "email", person.email));
}

async function byPhone(query: string): Promise<AccountHit[]> {
  const digits = readPhone(query);
  if (digits === null) return [];
  const people = await db().account.findMany({
    where: {
      role: "customer",
      phone: digits.startsWith("+") ? digits : { endsWith: digits.replace(/^0/, "") },
    },
    select: PERSON,
    take: MOST_HITS,
  });
  return people.map((person) => hit(person, "phone", person.phone ?? ""));
}

async function byIccid(query: string): Promise<AccountHit[]> {
  const digits = readIccidDigits(query);
  if (digits === null) return [];
  const esims = await db().esim.findMany({
    where: { iccid: { contains: digits } },
    select: { iccid: true, account: { select: PERSON } },
    take: MOST_HITS,
  });
  return esims.map((esim) => hit(esim.account, "iccid", esim.iccid));
}

async function byOrderNumber(query: string): Promise<AccountHit[]> {
  const number = parseOrderNumber(query);
  if (number === null) return [];
  const order = await db().order.findUnique({
    where: { number },
    select: { account: { select: PERSON } },
  });
  return order === null ? [] : [hit(order.account, "order", number)];
}

async function byPaymentReference(query: string): Promise<AccountHit[]> {
  const ours = z.uuid().safeParse(query.toLowerCase());
  const payments = await db().payment.findMany({
    where: {
      OR: [
        // Of a bank transfer, however its reference was read out or typed.
        { providerReference: { in: [query, ...findBankReferences(query)] } },
        { providerPaymentId: query },
        ...(ours.success ? [{ id: ours.data }] : []),
      ],
    },
    select: { order: { select: { account: { select: PERSON } } } },
    take: MOST_HITS,
  });
  return payments.map((payment) => hit(payment.order.account, "payment", query));
}

function hit(person: Person, matched: AccountHit["matched"], match: string): AccountHit {
  return {
    accountId: person.id,
    name: person.name,
    email: person.email,
    phone: person.phone,
    matched,
    match,
  };
}
