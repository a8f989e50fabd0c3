-- AlterEnum
ALTER TYPE "OrderKind" ADD VALUE 'topup';

-- AlterEnum
ALTER TYPE "PaymentState" ADD VALUE 'reserved';

-- AlterEnum
ALTER TYPE "LedgerCode" ADD VALUE 'cash_paypal';

-- DropIndex
DROP INDEX "refund_order_id_payment_id_reason_key";

-- AlterTable
ALTER TABLE "order" ADD COLUMN     "contact_email" TEXT,
ALTER COLUMN "esim_id" DROP NOT NULL,
ALTER COLUMN "preview" DROP NOT NULL;

-- AlterTable
ALTER TABLE "payment" ADD COLUMN     "tax_minor" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "refund" ADD COLUMN     "attempt_id" UUID,
ADD COLUMN     "tax_minor" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "to_balance" BOOLEAN NOT NULL DEFAULT false;

-- CreateIndex
CREATE UNIQUE INDEX "refund_attempt_id_key" ON "refund"("attempt_id");

-- CreateIndex
CREATE UNIQUE INDEX "refund_provider_reference_key" ON "refund"("provider_reference");

-- CreateIndex
CREATE INDEX "refund_payment_id_idx" ON "refund"("payment_id");

-- CreateIndex
CREATE INDEX "refund_order_id_idx" ON "refund"("order_id");

-- ---------------------------------------------------------------- what Prisma's schema cannot say

ALTER TABLE "order"
  ADD CONSTRAINT "order_renews_an_esim" CHECK (("esim_id" IS NOT NULL) = ("kind"::text <> 'topup')),
  ADD CONSTRAINT "order_topup_without_preview" CHECK ("preview" IS NOT NULL OR "kind"::text = 'topup');
ALTER TABLE "payment"
  ADD CONSTRAINT "payment_tax_within_amount" CHECK ("tax_minor" BETWEEN 0 AND "amount_minor");
UPDATE "payment" SET "tax_minor" = o."tax_minor" FROM "order" o WHERE o."id" = "payment"."order_id";
UPDATE "refund" SET "tax_minor" = o."tax_minor" FROM "order" o WHERE o."id" = "refund"."order_id" AND o."total_minor" = "refund"."amount_minor";
ALTER TABLE "refund" ADD CONSTRAINT "refund_tax_within_amount" CHECK ("tax_minor" BETWEEN 0 AND "amount_minor");

-- An order may be paid in parts, each method at most once, together never more than its total.
DROP INDEX "payment_one_settled_per_order";
CREATE UNIQUE INDEX "payment_one_settled_per_method" ON "payment" ("order_id", "adapter") WHERE "state" = 'settled';
CREATE FUNCTION "payments_within_total"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  total bigint;
  paid numeric;
BEGIN
  IF NEW.state::text NOT IN ('reserved', 'settled') THEN RETURN NEW; END IF;
  SELECT o.total_minor INTO total FROM "order" o WHERE o.id = NEW.order_id FOR UPDATE;
  SELECT coalesce(sum(p.amount_minor), 0) INTO paid FROM payment p
    WHERE p.order_id = NEW.order_id AND p.id <> NEW.id AND p.state::text IN ('reserved', 'settled');
  IF paid + NEW.amount_minor > total THEN
    RAISE EXCEPTION 'payments would exceed the order''s total' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "payments_within_total" BEFORE INSERT OR UPDATE OF "state", "amount_minor" ON "payment"
  FOR EACH ROW EXECUTE FUNCTION "payments_within_total"();

CREATE OR REPLACE VIEW "audit"."orders" AS
  SELECT o.number AS order_number, c.email AS customer_email, s.iccid, o.kind::text AS kind, o.state::text AS state,
         o.currency::text AS currency, o.total_minor,
         coalesce((SELECT sum(p.amount_minor) FROM payment p WHERE p.order_id = o.id AND p.state = 'settled'), 0)::bigint AS paid_minor,
         coalesce((SELECT sum(r.amount_minor) FROM refund r WHERE r.order_id = o.id AND r.state = 'succeeded'), 0)::bigint AS refunded_minor,
         o.attempt_id, o.placed_at, o.next_attempt_at, o.needs_attention IS NOT NULL AS needs_attention
    FROM "order" o JOIN account c ON c.id = o.account_id LEFT JOIN esim s ON s.id = o.esim_id;
