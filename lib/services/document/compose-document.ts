import { env } from "#lib/config/env.ts";
import type { Prisma, Tx } from "#lib/db/client.ts";
import type {
  DocumentBuyer,
  DocumentContent,
  DocumentKind,
  DocumentLine,
  DocumentPayment,
  DocumentSubject,
  TaxNote,
} from "#lib/domain/document.ts";
import { containedTax, money } from "#lib/domain/money.ts";
import { SoldTermsSchema } from "#lib/services/plan/schemas.ts";
import { BillingSchema } from "./schemas.ts";

const PARTS = {
  account: { select: { name: true, email: true, countryCode: true } },
  esim: { select: { iccid: true, label: true } },
  items: { orderBy: { position: "asc" } },
  payments: { orderBy: { createdAt: "asc" }, where: { settledAt: { not: null } } },
} satisfies Prisma.OrderInclude;

type SoldOrder = Prisma.OrderGetPayload<{ include: typeof PARTS }>;

/** Puts together what a document says, from the order and its payments as they are now. */
export async function composeDocument(
  tx: Tx,
  document: {
    readonly kind: DocumentKind;
    readonly orderId: string;
    readonly refundId: string | null;
    readonly corrects: string | null;
  },
): Promise<DocumentContent> {
  const order = await tx.order.findUniqueOrThrow({
    where: { id: document.orderId },
    include: PARTS,
  });
  const settings = env();
  const basisPoints = await rateOf(tx, order);
  const { lines, payments } =
    document.refundId === null
      ? { lines: saleLines(order, basisPoints), payments: order.payments.map(toPayment) }
      : await refundParts(tx, order, document.refundId, basisPoints);
  return {
    kind: document.kind,
    orderNumber: order.number,
    orderedAt: order.placedAt,
    corrects: document.corrects,
    seller: {
      name: settings.SELLER_NAME ?? settings.BRAND_NAME,
      addressLines: settings.SELLER_ADDRESS ?? [],
      taxNumber: settings.SELLER_TAX_NUMBER ?? null,
      email: settings.SUPPORT_EMAIL ?? null,
    },
    buyer: buyerOf(order),
    lines,
    payments,
    taxNote: taxNoteOf(order, document.kind),
  };
}

function taxNoteOf(order: SoldOrder, kind: DocumentKind): TaxNote | null {
  if (order.kind === "topup") return kind === "credit_note" ? null : "top_up";
  return order.taxTreatment === "reverse_charge" ? "reverse_charge" : null;
}

function buyerOf(order: SoldOrder): DocumentBuyer {
  const { account } = order;
  const email = order.contactEmail ?? account.email;
  if (order.billing === null) {
    return {
      name: account.name,
      company: null,
      addressLines: [],
      countryCode: account.countryCode,
      taxNumber: null,
      email,
    };
  }
  const billing = BillingSchema.parse(order.billing);
  const town = [billing.postalCode, billing.city].filter(isGiven).join(" ");
  return {
    name: billing.name,
    company: billing.kind === "company" ? billing.companyName : null,
    addressLines: [billing.line1, billing.line2, town, billing.region].filter(isGiven),
    countryCode: billing.countryCode,
    taxNumber: isGiven(billing.taxNumber) ? billing.taxNumber : null,
    email,
  };
}

function isGiven(text: string | null): text is string {
  return text !== null && text.trim() !== "";
}

/** A line for each item, and one for what the order costs less than its items. */
function saleLines(order: SoldOrder, basisPoints: number): readonly DocumentLine[] {
  if (order.kind === "topup") return [line(order, { kind: "top_up" }, order.totalMinor, 0n, 0)];
  const items = order.items.map((item) =>
    line(order, subjectOf(order, item), item.priceMinor, item.taxMinor, basisPoints),
  );
  const priceMinor = order.items.reduce((sum, item) => sum + item.priceMinor, 0n);
  const taxMinor = order.items.reduce((sum, item) => sum + item.taxMinor, 0n);
  if (order.totalMinor === priceMinor && order.taxMinor === taxMinor) return items;
  if (order.totalMinor > priceMinor) {
    throw new RangeError(`Order ${order.number} costs more than its items`);
  }
  const less = [order.totalMinor - priceMinor, order.taxMinor - taxMinor] as const;
  return [...items, line(order, { kind: "discount" }, ...less, basisPoints)];
}

async function refundParts(
  tx: Tx,
  order: SoldOrder,
  refundId: string,
  basisPoints: number,
): Promise<{
  readonly lines: readonly DocumentLine[];
  readonly payments: readonly DocumentPayment[];
}> {
  const refund = await tx.refund.findUniqueOrThrow({
    where: { id: refundId },
    include: { payment: { select: { adapter: true } } },
  });
  const [item] = order.items;
  const subject: DocumentSubject = item === undefined ? { kind: "top_up" } : subjectOf(order, item);
  return {
    lines: [line(order, subject, refund.amountMinor, refund.taxMinor, basisPoints)],
    payments: [
      {
        method: refund.toBalance ? "balance" : refund.payment.adapter,
        amount: money(refund.amountMinor, refund.currency),
        at: refund.createdAt,
      },
    ],
  };
}

function subjectOf(order: SoldOrder, item: SoldOrder["items"][number]): DocumentSubject {
  if (order.esim === null) throw new Error(`Order ${order.number} has no eSIM`);
  const { name } = SoldTermsSchema.parse(item.terms);
  return { kind: "plan", name, esimLabel: order.esim.label, iccid: order.esim.iccid };
}

function line(
  order: SoldOrder,
  subject: DocumentSubject,
  grossMinor: bigint,
  taxMinor: bigint,
  taxBasisPoints: number,
): DocumentLine {
  return {
    subject,
    quantity: 1,
    net: money(grossMinor - taxMinor, order.currency),
    taxBasisPoints,
    tax: money(taxMinor, order.currency),
    gross: money(grossMinor, order.currency),
  };
}

function toPayment(payment: SoldOrder["payments"][number]): DocumentPayment {
  if (payment.settledAt === null) throw new Error("A payment without its date");
  return {
    method: payment.adapter,
    amount: money(payment.amountMinor, payment.currency),
    at: payment.settledAt,
  };
}

/** The rate an order was taxed at. Orders from before it was kept were taxed at their country's. */
async function rateOf(tx: Tx, order: SoldOrder): Promise<number> {
  if (order.taxBasisPoints > 0 || order.taxMinor === 0n) return order.taxBasisPoints;
  const rates = await tx.taxRate.findMany({
    where: { countryCode: order.account.countryCode },
    select: { basisPoints: true },
  });
  const fits = rates.find(
    ({ basisPoints }) => containedTax(order.totalMinor, basisPoints) === order.taxMinor,
  );
  if (fits === undefined) throw new Error(`No tax rate fits order ${order.number}`);
  return fits.basisPoints;
}
