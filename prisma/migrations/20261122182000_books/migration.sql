-- CreateEnum
CREATE TYPE "CustomerKind" AS ENUM ('private', 'company');

-- CreateEnum
CREATE TYPE "TaxTreatment" AS ENUM ('inclusive', 'exclusive', 'reverse_charge');

-- CreateEnum
CREATE TYPE "DisputeState" AS ENUM ('inquiry', 'open', 'won', 'lost');

-- CreateEnum
CREATE TYPE "BankLineState" AS ENUM ('matched', 'suspended', 'assigned', 'outgoing');

-- CreateEnum
CREATE TYPE "DocumentKind" AS ENUM ('receipt', 'invoice', 'credit_note');

-- AlterEnum
-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


ALTER TYPE "LedgerCode" ADD VALUE 'cash_bank';
ALTER TYPE "LedgerCode" ADD VALUE 'payouts';
ALTER TYPE "LedgerCode" ADD VALUE 'receivables';
ALTER TYPE "LedgerCode" ADD VALUE 'disputes';
ALTER TYPE "LedgerCode" ADD VALUE 'earned_revenue';
ALTER TYPE "LedgerCode" ADD VALUE 'discounts';
ALTER TYPE "LedgerCode" ADD VALUE 'refunds';
ALTER TYPE "LedgerCode" ADD VALUE 'suspense';
ALTER TYPE "LedgerCode" ADD VALUE 'provider_fees';
ALTER TYPE "LedgerCode" ADD VALUE 'dispute_losses';

-- AlterEnum
ALTER TYPE "NoticeState" ADD VALUE 'cancelled';

-- AlterTable
ALTER TABLE "tax_rate" DROP CONSTRAINT "tax_rate_pkey",
ADD COLUMN     "customer_kind" "CustomerKind" NOT NULL DEFAULT 'private',
ADD COLUMN     "treatment" "TaxTreatment" NOT NULL DEFAULT 'inclusive',
ADD CONSTRAINT "tax_rate_pkey" PRIMARY KEY ("country_code", "customer_kind");

-- AlterTable
ALTER TABLE "order" ADD COLUMN     "billing" JSONB,
ADD COLUMN     "contact_phone" TEXT,
ADD COLUMN     "tax_basis_points" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "tax_treatment" "TaxTreatment";

-- AlterTable
ALTER TABLE "order_item" ADD COLUMN     "next_earning_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "payment" ADD COLUMN     "method_type" TEXT,
ADD COLUMN     "save_method" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "refund" ADD COLUMN     "by_provider" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "redirects" UUID;

-- CreateTable
CREATE TABLE "billing_profile" (
    "account_id" UUID NOT NULL,
    "kind" "CustomerKind" NOT NULL DEFAULT 'private',
    "name" TEXT NOT NULL,
    "company_name" TEXT,
    "tax_number" TEXT,
    "line1" TEXT NOT NULL,
    "line2" TEXT,
    "city" TEXT NOT NULL,
    "region" TEXT,
    "postal_code" TEXT,
    "country_code" CHAR(2) NOT NULL,
    "delivery_email" TEXT NOT NULL,
    "delivery_phone" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "billing_profile_pkey" PRIMARY KEY ("account_id")
);

-- CreateTable
CREATE TABLE "dispute" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "payment_id" UUID NOT NULL,
    "provider_reference" TEXT NOT NULL,
    "state" "DisputeState" NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "respond_by" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "dispute_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "saved_method" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "adapter" "PaymentMethod" NOT NULL,
    "provider_reference" TEXT NOT NULL,
    "method_type" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "good_until" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removed_at" TIMESTAMPTZ(3),
    "forgotten_at" TIMESTAMPTZ(3),

    CONSTRAINT "saved_method_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "provider_customer" (
    "account_id" UUID NOT NULL,
    "adapter" "PaymentMethod" NOT NULL,
    "provider_reference" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_customer_pkey" PRIMARY KEY ("account_id","adapter")
);

-- CreateTable
CREATE TABLE "bank_statement" (
    "id" UUID NOT NULL,
    "statement_id" TEXT NOT NULL,
    "account_number" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "opening_minor" BIGINT,
    "closing_minor" BIGINT,
    "file_name" TEXT NOT NULL,
    "file_hash" TEXT NOT NULL,
    "imported_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "imported_by" UUID,
    "line_count" INTEGER NOT NULL,
    "new_line_count" INTEGER NOT NULL,

    CONSTRAINT "bank_statement_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bank_line" (
    "id" UUID NOT NULL,
    "statement_id" UUID NOT NULL,
    "line_id" TEXT NOT NULL,
    "account_number" TEXT NOT NULL,
    "booked_on" DATE NOT NULL,
    "value_on" DATE NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "counterparty_name" TEXT,
    "counterparty_account" TEXT,
    "remittance_text" TEXT NOT NULL,
    "bank_reference" TEXT,
    "is_reversal" BOOLEAN NOT NULL DEFAULT false,
    "is_collective" BOOLEAN NOT NULL DEFAULT false,
    "state" "BankLineState" NOT NULL,
    "match" TEXT NOT NULL,
    "payment_id" UUID,
    "settled_minor" BIGINT NOT NULL DEFAULT 0,
    "kept_minor" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by" UUID,
    "decision" TEXT,

    CONSTRAINT "bank_line_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "document" (
    "id" UUID NOT NULL,
    "kind" "DocumentKind" NOT NULL,
    "order_id" UUID NOT NULL,
    "refund_id" UUID,
    "number" TEXT,
    "issued_at" TIMESTAMPTZ(3),
    "data" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "next_attempt_at" TIMESTAMPTZ(3),

    CONSTRAINT "document_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "document_series" (
    "series" TEXT NOT NULL,
    "last_number" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "document_series_pkey" PRIMARY KEY ("series")
);

-- CreateTable
CREATE TABLE "reconciliation" (
    "id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "checked" INTEGER NOT NULL DEFAULT 0,
    "could_tell" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "reconciliation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "difference" (
    "id" UUID NOT NULL,
    "reconciliation_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "order_number" TEXT,
    "expected" TEXT NOT NULL,
    "actual" TEXT NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolved_at" TIMESTAMPTZ(3),
    "resolution" TEXT,

    CONSTRAINT "difference_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "earning" (
    "id" UUID NOT NULL,
    "order_item_id" UUID NOT NULL,
    "through" TIMESTAMPTZ(3) NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "booked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "earning_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "dispute_provider_reference_key" ON "dispute"("provider_reference");

-- CreateIndex
CREATE INDEX "dispute_payment_id_idx" ON "dispute"("payment_id");

-- CreateIndex
CREATE INDEX "dispute_order_id_idx" ON "dispute"("order_id");

-- CreateIndex
CREATE INDEX "saved_method_account_id_idx" ON "saved_method"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "saved_method_adapter_provider_reference_key" ON "saved_method"("adapter", "provider_reference");

-- CreateIndex
CREATE INDEX "bank_statement_imported_at_idx" ON "bank_statement"("imported_at");

-- CreateIndex
CREATE UNIQUE INDEX "bank_line_line_id_key" ON "bank_line"("line_id");

-- CreateIndex
CREATE INDEX "bank_line_state_booked_on_idx" ON "bank_line"("state", "booked_on");

-- CreateIndex
CREATE INDEX "bank_line_payment_id_idx" ON "bank_line"("payment_id");

-- CreateIndex
CREATE UNIQUE INDEX "document_refund_id_key" ON "document"("refund_id");

-- CreateIndex
CREATE UNIQUE INDEX "document_number_key" ON "document"("number");

-- CreateIndex
CREATE INDEX "document_order_id_idx" ON "document"("order_id");

-- CreateIndex
CREATE INDEX "document_next_attempt_at_idx" ON "document"("next_attempt_at");

-- CreateIndex
CREATE INDEX "reconciliation_started_at_idx" ON "reconciliation"("started_at");

-- CreateIndex
CREATE INDEX "difference_resolved_at_idx" ON "difference"("resolved_at");

-- CreateIndex
CREATE UNIQUE INDEX "difference_kind_subject_key" ON "difference"("kind", "subject");

-- CreateIndex
CREATE UNIQUE INDEX "earning_order_item_id_through_key" ON "earning"("order_item_id", "through");

-- CreateIndex
CREATE INDEX "order_item_next_earning_at_idx" ON "order_item"("next_earning_at");

-- CreateIndex
CREATE UNIQUE INDEX "refund_redirects_key" ON "refund"("redirects");

-- AddForeignKey
ALTER TABLE "billing_profile" ADD CONSTRAINT "billing_profile_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dispute" ADD CONSTRAINT "dispute_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dispute" ADD CONSTRAINT "dispute_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "saved_method" ADD CONSTRAINT "saved_method_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "provider_customer" ADD CONSTRAINT "provider_customer_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bank_line" ADD CONSTRAINT "bank_line_statement_id_fkey" FOREIGN KEY ("statement_id") REFERENCES "bank_statement"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bank_line" ADD CONSTRAINT "bank_line_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "document" ADD CONSTRAINT "document_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "document" ADD CONSTRAINT "document_refund_id_fkey" FOREIGN KEY ("refund_id") REFERENCES "refund"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "difference" ADD CONSTRAINT "difference_reconciliation_id_fkey" FOREIGN KEY ("reconciliation_id") REFERENCES "reconciliation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "earning" ADD CONSTRAINT "earning_order_item_id_fkey" FOREIGN KEY ("order_item_id") REFERENCES "order_item"("id") ON DELETE RESTRICT ON UPDATE CASCADE;



-- ---------------------------------------------------------------- what Prisma's schema cannot say

ALTER TABLE "ledger_account"
  DROP CONSTRAINT "ledger_account_personal",
  ADD CONSTRAINT "ledger_account_personal" CHECK
    (("account_id" IS NOT NULL) = ("code"::text IN ('customer_balance', 'customer_reserved', 'receivables')));

ALTER TABLE "order"
  ADD CONSTRAINT "order_tax_rate_range" CHECK ("tax_basis_points" BETWEEN 0 AND 10000);
ALTER TABLE "billing_profile"
  ADD CONSTRAINT "billing_profile_country_code" CHECK ("country_code" ~ '^[A-Z]{2}$'),
  ADD CONSTRAINT "billing_profile_company_named" CHECK ("kind" <> 'company' OR "company_name" <> '');
ALTER TABLE "dispute"
  ADD CONSTRAINT "dispute_amount_positive" CHECK ("amount_minor" > 0),
  ADD CONSTRAINT "dispute_closed_when" CHECK (("state" IN ('won', 'lost')) = ("closed_at" IS NOT NULL));
ALTER TABLE "saved_method"
  ADD CONSTRAINT "saved_method_good_until_month" CHECK ("good_until" ~ '^\d{4}-\d{2}$');
ALTER TABLE "bank_line"
  ADD CONSTRAINT "bank_line_moved" CHECK ("amount_minor" <> 0),
  ADD CONSTRAINT "bank_line_parts" CHECK ("settled_minor" >= 0 AND "kept_minor" >= 0
    AND "settled_minor" + "kept_minor" <= greatest("amount_minor", 0)),
  ADD CONSTRAINT "bank_line_outgoing" CHECK ("state" <> 'outgoing' OR "amount_minor" < 0);
ALTER TABLE "earning"
  ADD CONSTRAINT "earning_positive" CHECK ("amount_minor" > 0);
ALTER TABLE "difference"
  ADD CONSTRAINT "difference_resolved_how" CHECK (("resolved_at" IS NULL) = ("resolution" IS NULL));

-- One document for the sale, one credit note for each refund; what was issued never changes.
ALTER TABLE "document"
  ADD CONSTRAINT "document_credits_a_refund" CHECK (("kind" = 'credit_note') = ("refund_id" IS NOT NULL)),
  ADD CONSTRAINT "document_issued_whole" CHECK
    (("number" IS NULL) = ("issued_at" IS NULL) AND ("number" IS NULL) = ("data" IS NULL));
CREATE UNIQUE INDEX "document_one_sale" ON "document" ("order_id") WHERE "refund_id" IS NULL;
CREATE FUNCTION "document_unchangeable"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.number IS NOT NULL THEN
    RAISE EXCEPTION 'document % is issued: % refused', OLD.number, TG_OP USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "document_unchangeable" BEFORE UPDATE OR DELETE ON "document"
  FOR EACH ROW EXECUTE FUNCTION "document_unchangeable"();

GRANT SELECT, INSERT, UPDATE ON
  "billing_profile", "dispute", "saved_method", "provider_customer", "bank_statement", "bank_line", "document",
  "document_series", "reconciliation", "difference" TO portal_app;
GRANT SELECT, INSERT ON "earning" TO portal_app;
