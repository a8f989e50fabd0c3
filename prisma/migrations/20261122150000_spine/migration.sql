-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "AccountRole" AS ENUM ('customer', 'support', 'lead', 'administrator');

-- CreateEnum
CREATE TYPE "PlanKind" AS ENUM ('base', 'addon');

-- CreateEnum
CREATE TYPE "PlanScope" AS ENUM ('domestic', 'regional', 'global');

-- CreateEnum
CREATE TYPE "ValidityUnit" AS ENUM ('day', 'month', 'year');

-- CreateEnum
CREATE TYPE "RenewalPolicy" AS ENUM ('add', 'queue', 'reset', 'replace', 'data_only');

-- CreateEnum
CREATE TYPE "ActivationRule" AS ENUM ('at_once', 'first_use');

-- CreateEnum
CREATE TYPE "Carrier" AS ENUM ('esim_access', 'airalo', 'esim_go', 'es2plus');

-- CreateEnum
CREATE TYPE "ProfileState" AS ENUM ('available', 'allocated', 'confirmed', 'released', 'downloaded', 'installed', 'enabled', 'disabled', 'deleted', 'error', 'unavailable');

-- CreateEnum
CREATE TYPE "NetworkState" AS ENUM ('not_active', 'active', 'depleted', 'expired', 'suspended', 'cancelled');

-- CreateEnum
CREATE TYPE "PeriodState" AS ENUM ('pendingActive', 'active', 'terminated', 'cancelled');

-- CreateEnum
CREATE TYPE "OrderState" AS ENUM ('acknowledged', 'pending', 'held', 'inProgress', 'completed', 'failed', 'partial', 'cancelled');

-- CreateEnum
CREATE TYPE "OrderKind" AS ENUM ('renewal');

-- CreateEnum
CREATE TYPE "StartChoice" AS ENUM ('now', 'period_end', 'on_date');

-- CreateEnum
CREATE TYPE "ActivationState" AS ENUM ('requested', 'pending', 'unknown', 'confirmed', 'rejected', 'quarantined');

-- CreateEnum
CREATE TYPE "PaymentMethod" AS ENUM ('stripe', 'paypal', 'bank_transfer', 'balance');

-- CreateEnum
CREATE TYPE "PaymentState" AS ENUM ('created', 'pending', 'settled', 'failed', 'expired');

-- CreateEnum
CREATE TYPE "RefundState" AS ENUM ('created', 'pending', 'succeeded', 'failed');

-- CreateEnum
CREATE TYPE "LedgerCode" AS ENUM ('customer_balance', 'customer_reserved', 'cash_stripe', 'deferred_revenue', 'tax_payable', 'refunds_payable', 'operator_loss', 'opening_equity');

-- CreateEnum
CREATE TYPE "NoticeState" AS ENUM ('queued', 'sent', 'failed');

-- CreateTable
CREATE TABLE "account" (
    "id" UUID NOT NULL,
    "role" "AccountRole" NOT NULL DEFAULT 'customer',
    "email" TEXT NOT NULL,
    "email_verified_at" TIMESTAMPTZ(3),
    "password_hash" TEXT,
    "name" TEXT NOT NULL,
    "phone" TEXT,
    "locale" TEXT NOT NULL DEFAULT 'en',
    "time_zone" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "country_code" CHAR(2) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(3),

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "user_agent" TEXT,
    "address" TEXT,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rate_limit" (
    "key" TEXT NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "rate_limit_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "plan" (
    "id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "kind" "PlanKind" NOT NULL DEFAULT 'base',
    "scope" "PlanScope" NOT NULL,
    "name" JSONB NOT NULL,
    "note" JSONB NOT NULL,
    "data_bytes" BIGINT,
    "validity_unit" "ValidityUnit" NOT NULL,
    "validity_count" INTEGER NOT NULL,
    "renewal_policy" "RenewalPolicy" NOT NULL,
    "activation_rule" "ActivationRule" NOT NULL DEFAULT 'at_once',
    "network_speed" TEXT NOT NULL,
    "fair_use_bytes" BIGINT,
    "throttle_kbps" INTEGER,
    "hotspot" BOOLEAN NOT NULL DEFAULT true,
    "carrier" "Carrier" NOT NULL,
    "carrier_offer_code" TEXT NOT NULL,
    "sort" INTEGER NOT NULL DEFAULT 0,
    "withdrawn_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "plan_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "plan_price" (
    "plan_id" UUID NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "amount_minor" BIGINT NOT NULL,

    CONSTRAINT "plan_price_pkey" PRIMARY KEY ("plan_id","currency")
);

-- CreateTable
CREATE TABLE "plan_coverage" (
    "plan_id" UUID NOT NULL,
    "country_code" CHAR(2) NOT NULL,
    "networks" TEXT[],

    CONSTRAINT "plan_coverage_pkey" PRIMARY KEY ("plan_id","country_code")
);

-- CreateTable
CREATE TABLE "tax_rate" (
    "country_code" CHAR(2) NOT NULL,
    "basis_points" INTEGER NOT NULL,

    CONSTRAINT "tax_rate_pkey" PRIMARY KEY ("country_code")
);

-- CreateTable
CREATE TABLE "esim" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "iccid" TEXT NOT NULL,
    "carrier" "Carrier" NOT NULL,
    "carrier_esim_id" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "msisdn" TEXT,
    "smdp_address" TEXT NOT NULL,
    "matching_id" TEXT NOT NULL,
    "confirmation_code_required" BOOLEAN NOT NULL DEFAULT false,
    "apn" TEXT,
    "profile_state" "ProfileState" NOT NULL,
    "network_state" "NetworkState" NOT NULL,
    "last_country_code" CHAR(2),
    "carrier_total_bytes" BIGINT,
    "carrier_used_bytes" BIGINT,
    "carrier_expires_at" TIMESTAMPTZ(3),
    "usage_as_of" TIMESTAMPTZ(3),
    "next_usage_at" TIMESTAMPTZ(3),
    "profile_as_of" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "esim_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "period" (
    "id" UUID NOT NULL,
    "esim_id" UUID NOT NULL,
    "order_item_id" UUID,
    "plan_id" UUID NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "state" "PeriodState" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "period_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bucket" (
    "id" UUID NOT NULL,
    "esim_id" UUID NOT NULL,
    "period_id" UUID NOT NULL,
    "order_item_id" UUID,
    "kind" TEXT NOT NULL DEFAULT 'data',
    "total_bytes" BIGINT,
    "remaining_bytes" BIGINT,
    "valid_from" TIMESTAMPTZ(3) NOT NULL,
    "valid_until" TIMESTAMPTZ(3) NOT NULL,
    "as_of" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bucket_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "order" (
    "id" UUID NOT NULL,
    "number" TEXT NOT NULL,
    "kind" "OrderKind" NOT NULL DEFAULT 'renewal',
    "account_id" UUID NOT NULL,
    "esim_id" UUID NOT NULL,
    "attempt_id" UUID NOT NULL,
    "state" "OrderState" NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "total_minor" BIGINT NOT NULL,
    "tax_minor" BIGINT NOT NULL,
    "locale" TEXT NOT NULL,
    "preview" JSONB NOT NULL,
    "placed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "paid_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "end_reason" TEXT,
    "next_attempt_at" TIMESTAMPTZ(3),
    "needs_attention" TEXT,

    CONSTRAINT "order_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "order_item" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "plan_id" UUID NOT NULL,
    "price_minor" BIGINT NOT NULL,
    "tax_minor" BIGINT NOT NULL,
    "terms" JSONB NOT NULL,
    "start_choice" "StartChoice" NOT NULL,
    "starts_at" TIMESTAMPTZ(3),

    CONSTRAINT "order_item_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "activation" (
    "id" UUID NOT NULL,
    "order_item_id" UUID NOT NULL,
    "carrier" "Carrier" NOT NULL,
    "our_reference" TEXT NOT NULL,
    "carrier_reference" TEXT,
    "state" "ActivationState" NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "lookups" INTEGER NOT NULL DEFAULT 0,
    "fence" INTEGER NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(3),
    "expires_before" TIMESTAMPTZ(3),
    "reason" TEXT,
    "report" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "requested_at" TIMESTAMPTZ(3),
    "accepted_at" TIMESTAMPTZ(3),
    "confirmed_at" TIMESTAMPTZ(3),

    CONSTRAINT "activation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "payment" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "adapter" "PaymentMethod" NOT NULL,
    "state" "PaymentState" NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "provider_reference" TEXT,
    "provider_payment_id" TEXT,
    "redirect_url" TEXT,
    "processing" BOOLEAN NOT NULL DEFAULT false,
    "reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "settled_at" TIMESTAMPTZ(3),
    "next_poll_at" TIMESTAMPTZ(3),
    "polls" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "payment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refund" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "payment_id" UUID NOT NULL,
    "state" "RefundState" NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "provider_reference" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "succeeded_at" TIMESTAMPTZ(3),
    "next_attempt_at" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "refund_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "provider_event" (
    "id" UUID NOT NULL,
    "adapter" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "processed_at" TIMESTAMPTZ(3),
    "result" TEXT,

    CONSTRAINT "provider_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_account" (
    "id" UUID NOT NULL,
    "code" "LedgerCode" NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "account_id" UUID,

    CONSTRAINT "ledger_account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "journal" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "source_id" UUID NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "order_id" UUID,
    "actor_kind" TEXT NOT NULL,
    "actor_id" UUID,
    "reason" TEXT,
    "booked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "journal_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_entry" (
    "id" UUID NOT NULL,
    "journal_id" UUID NOT NULL,
    "ledger_account_id" UUID NOT NULL,
    "amount_minor" BIGINT NOT NULL,

    CONSTRAINT "ledger_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "balance" (
    "account_id" UUID NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "balance_minor" BIGINT NOT NULL DEFAULT 0,
    "reserved_minor" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "balance_pkey" PRIMARY KEY ("account_id","currency")
);

-- CreateTable
CREATE TABLE "notice" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "template" TEXT NOT NULL,
    "channel" TEXT NOT NULL DEFAULT 'email',
    "locale" TEXT NOT NULL,
    "state" "NoticeState" NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "next_attempt_at" TIMESTAMPTZ(3),
    "sent_at" TIMESTAMPTZ(3),

    CONSTRAINT "notice_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_event" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_kind" TEXT NOT NULL,
    "actor_id" UUID,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "reason" TEXT,
    "correlation_id" UUID,

    CONSTRAINT "audit_event_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "account_email_key" ON "account"("email");

-- CreateIndex
CREATE INDEX "session_account_id_idx" ON "session"("account_id");

-- CreateIndex
CREATE INDEX "rate_limit_expire_idx" ON "rate_limit"("expire");

-- CreateIndex
CREATE UNIQUE INDEX "plan_code_key" ON "plan"("code");

-- CreateIndex
CREATE INDEX "plan_carrier_carrier_offer_code_idx" ON "plan"("carrier", "carrier_offer_code");

-- CreateIndex
CREATE UNIQUE INDEX "esim_iccid_key" ON "esim"("iccid");

-- CreateIndex
CREATE INDEX "esim_account_id_idx" ON "esim"("account_id");

-- CreateIndex
CREATE INDEX "esim_next_usage_at_idx" ON "esim"("next_usage_at");

-- CreateIndex
CREATE UNIQUE INDEX "esim_carrier_carrier_esim_id_key" ON "esim"("carrier", "carrier_esim_id");

-- CreateIndex
CREATE UNIQUE INDEX "period_order_item_id_key" ON "period"("order_item_id");

-- CreateIndex
CREATE INDEX "period_esim_id_starts_at_idx" ON "period"("esim_id", "starts_at");

-- CreateIndex
CREATE UNIQUE INDEX "bucket_order_item_id_key" ON "bucket"("order_item_id");

-- CreateIndex
CREATE INDEX "bucket_esim_id_valid_until_idx" ON "bucket"("esim_id", "valid_until");

-- CreateIndex
CREATE UNIQUE INDEX "order_number_key" ON "order"("number");

-- CreateIndex
CREATE UNIQUE INDEX "order_attempt_id_key" ON "order"("attempt_id");

-- CreateIndex
CREATE INDEX "order_account_id_placed_at_idx" ON "order"("account_id", "placed_at");

-- CreateIndex
CREATE INDEX "order_esim_id_placed_at_idx" ON "order"("esim_id", "placed_at");

-- CreateIndex
CREATE INDEX "order_next_attempt_at_idx" ON "order"("next_attempt_at");

-- CreateIndex
CREATE UNIQUE INDEX "order_item_order_id_position_key" ON "order_item"("order_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "activation_order_item_id_key" ON "activation"("order_item_id");

-- CreateIndex
CREATE UNIQUE INDEX "activation_our_reference_key" ON "activation"("our_reference");

-- CreateIndex
CREATE INDEX "payment_order_id_idx" ON "payment"("order_id");

-- CreateIndex
CREATE INDEX "payment_next_poll_at_idx" ON "payment"("next_poll_at");

-- CreateIndex
CREATE UNIQUE INDEX "payment_adapter_provider_reference_key" ON "payment"("adapter", "provider_reference");

-- CreateIndex
CREATE UNIQUE INDEX "refund_order_id_payment_id_reason_key" ON "refund"("order_id", "payment_id", "reason");

-- CreateIndex
CREATE UNIQUE INDEX "provider_event_adapter_event_id_key" ON "provider_event"("adapter", "event_id");

-- CreateIndex
CREATE INDEX "journal_order_id_idx" ON "journal"("order_id");

-- CreateIndex
CREATE UNIQUE INDEX "journal_kind_source_id_key" ON "journal"("kind", "source_id");

-- CreateIndex
CREATE INDEX "ledger_entry_journal_id_idx" ON "ledger_entry"("journal_id");

-- CreateIndex
CREATE INDEX "ledger_entry_ledger_account_id_idx" ON "ledger_entry"("ledger_account_id");

-- CreateIndex
CREATE UNIQUE INDEX "notice_order_id_template_channel_key" ON "notice"("order_id", "template", "channel");

-- CreateIndex
CREATE INDEX "audit_event_correlation_id_idx" ON "audit_event"("correlation_id");

-- CreateIndex
CREATE INDEX "audit_event_subject_idx" ON "audit_event"("subject");

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_price" ADD CONSTRAINT "plan_price_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plan"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_coverage" ADD CONSTRAINT "plan_coverage_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plan"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "esim" ADD CONSTRAINT "esim_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "period" ADD CONSTRAINT "period_esim_id_fkey" FOREIGN KEY ("esim_id") REFERENCES "esim"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "period" ADD CONSTRAINT "period_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plan"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "period" ADD CONSTRAINT "period_order_item_id_fkey" FOREIGN KEY ("order_item_id") REFERENCES "order_item"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bucket" ADD CONSTRAINT "bucket_esim_id_fkey" FOREIGN KEY ("esim_id") REFERENCES "esim"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bucket" ADD CONSTRAINT "bucket_period_id_fkey" FOREIGN KEY ("period_id") REFERENCES "period"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bucket" ADD CONSTRAINT "bucket_order_item_id_fkey" FOREIGN KEY ("order_item_id") REFERENCES "order_item"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order" ADD CONSTRAINT "order_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order" ADD CONSTRAINT "order_esim_id_fkey" FOREIGN KEY ("esim_id") REFERENCES "esim"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_item" ADD CONSTRAINT "order_item_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_item" ADD CONSTRAINT "order_item_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plan"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "activation" ADD CONSTRAINT "activation_order_item_id_fkey" FOREIGN KEY ("order_item_id") REFERENCES "order_item"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payment" ADD CONSTRAINT "payment_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refund" ADD CONSTRAINT "refund_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refund" ADD CONSTRAINT "refund_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ledger_entry" ADD CONSTRAINT "ledger_entry_journal_id_fkey" FOREIGN KEY ("journal_id") REFERENCES "journal"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ledger_entry" ADD CONSTRAINT "ledger_entry_ledger_account_id_fkey" FOREIGN KEY ("ledger_account_id") REFERENCES "ledger_account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "balance" ADD CONSTRAINT "balance_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notice" ADD CONSTRAINT "notice_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notice" ADD CONSTRAINT "notice_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;



-- ---------------------------------------------------------------- what Prisma's schema cannot say

CREATE EXTENSION IF NOT EXISTS btree_gist;

ALTER TABLE "account"
  ADD CONSTRAINT "account_email_lower" CHECK ("email" = lower("email") AND "email" <> ''),
  ADD CONSTRAINT "account_locale_known" CHECK ("locale" IN ('zh-CN', 'en')),
  ADD CONSTRAINT "account_currency_code" CHECK ("currency" ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT "account_country_code" CHECK ("country_code" ~ '^[A-Z]{2}$');
CREATE INDEX "account_phone_idx" ON "account" ("phone") WHERE "phone" IS NOT NULL;

ALTER TABLE "plan"
  ADD CONSTRAINT "plan_validity_positive" CHECK ("validity_count" > 0),
  ADD CONSTRAINT "plan_data_positive" CHECK ("data_bytes" > 0),
  ADD CONSTRAINT "plan_names_complete" CHECK ("name" ?& ARRAY['zh-CN', 'en'] AND "note" ?& ARRAY['zh-CN', 'en']);
ALTER TABLE "plan_price"
  ADD CONSTRAINT "plan_price_positive" CHECK ("amount_minor" > 0),
  ADD CONSTRAINT "plan_price_currency_code" CHECK ("currency" ~ '^[A-Z]{3}$');
ALTER TABLE "tax_rate"
  ADD CONSTRAINT "tax_rate_range" CHECK ("basis_points" BETWEEN 0 AND 10000);

ALTER TABLE "esim"
  ADD CONSTRAINT "esim_iccid_digits" CHECK ("iccid" ~ '^[0-9]{18,20}$'),
  ADD CONSTRAINT "esim_usage_sane" CHECK ("carrier_total_bytes" >= 0 AND "carrier_used_bytes" >= 0);
-- Staff search by any six digits or more of an ICCID.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX "esim_iccid_trgm_idx" ON "esim" USING gin ("iccid" gin_trgm_ops);

-- No second is sold twice: base periods of one eSIM never overlap. Deferrable, so that a queue can move.
ALTER TABLE "period"
  ADD CONSTRAINT "period_not_reversed" CHECK ("starts_at" <= "ends_at"),
  ADD CONSTRAINT "period_no_overlap" EXCLUDE USING gist
    ("esim_id" WITH =, tstzrange("starts_at", "ends_at") WITH &&) WHERE ("state" <> 'cancelled')
    DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE "bucket"
  ADD CONSTRAINT "bucket_not_reversed" CHECK ("valid_from" <= "valid_until"),
  ADD CONSTRAINT "bucket_remaining_within_total" CHECK ("remaining_bytes" BETWEEN 0 AND "total_bytes"),
  ADD CONSTRAINT "bucket_unlimited_whole" CHECK (("total_bytes" IS NULL) = ("remaining_bytes" IS NULL));

ALTER TABLE "order"
  ADD CONSTRAINT "order_total_positive" CHECK ("total_minor" > 0),
  ADD CONSTRAINT "order_tax_within_total" CHECK ("tax_minor" BETWEEN 0 AND "total_minor"),
  ADD CONSTRAINT "order_locale_known" CHECK ("locale" IN ('zh-CN', 'en')),
  ADD CONSTRAINT "order_completed_when_live" CHECK (("state" = 'completed') = ("completed_at" IS NOT NULL)),
  ADD CONSTRAINT "order_ended_when_over" CHECK (("state" IN ('failed', 'cancelled')) = ("ended_at" IS NOT NULL)),
  ADD CONSTRAINT "order_paid_before_work" CHECK ("state" NOT IN ('held', 'inProgress', 'completed', 'partial') OR "paid_at" IS NOT NULL);
ALTER TABLE "order_item"
  ADD CONSTRAINT "order_item_price_positive" CHECK ("price_minor" > 0 AND "tax_minor" BETWEEN 0 AND "price_minor");
ALTER TABLE "activation"
  ADD CONSTRAINT "activation_reference_length" CHECK (length("our_reference") BETWEEN 1 AND 50),
  ADD CONSTRAINT "activation_confirmed_when" CHECK (("state" = 'confirmed') = ("confirmed_at" IS NOT NULL));

ALTER TABLE "payment"
  ADD CONSTRAINT "payment_amount_positive" CHECK ("amount_minor" > 0),
  ADD CONSTRAINT "payment_settled_when" CHECK (("state" = 'settled') = ("settled_at" IS NOT NULL));
-- An order is paid once: at most one payment of it settles.
CREATE UNIQUE INDEX "payment_one_settled_per_order" ON "payment" ("order_id") WHERE "state" = 'settled';
CREATE INDEX "payment_provider_payment_idx" ON "payment" ("provider_payment_id");
ALTER TABLE "refund"
  ADD CONSTRAINT "refund_amount_positive" CHECK ("amount_minor" > 0),
  ADD CONSTRAINT "refund_succeeded_when" CHECK (("state" = 'succeeded') = ("succeeded_at" IS NOT NULL));
CREATE INDEX "refund_next_attempt_idx" ON "refund" ("next_attempt_at") WHERE "next_attempt_at" IS NOT NULL;
CREATE INDEX "notice_next_attempt_idx" ON "notice" ("next_attempt_at") WHERE "next_attempt_at" IS NOT NULL;
ALTER TABLE "notice"
  ADD CONSTRAINT "notice_sent_when" CHECK (("state" = 'sent') = ("sent_at" IS NOT NULL)),
  ADD CONSTRAINT "notice_locale_known" CHECK ("locale" IN ('zh-CN', 'en'));

ALTER TABLE "ledger_account"
  ADD CONSTRAINT "ledger_account_currency_code" CHECK ("currency" ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT "ledger_account_personal" CHECK
    (("account_id" IS NOT NULL) = ("code" IN ('customer_balance', 'customer_reserved'))),
  ADD CONSTRAINT "ledger_account_once" UNIQUE NULLS NOT DISTINCT ("code", "currency", "account_id"),
  ADD CONSTRAINT "ledger_account_account_fkey" FOREIGN KEY ("account_id") REFERENCES "account" ("id");
ALTER TABLE "ledger_entry"
  ADD CONSTRAINT "ledger_entry_not_zero" CHECK ("amount_minor" <> 0);
ALTER TABLE "balance"
  ADD CONSTRAINT "balance_never_below_zero" CHECK ("balance_minor" >= 0 AND "reserved_minor" >= 0);

-- Refunds never exceed what was captured. The payment row is locked, so that two refunds queue up here.
CREATE FUNCTION "refund_within_capture"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  captured bigint;
  refunded numeric;
BEGIN
  SELECT p.amount_minor INTO captured FROM payment p
    WHERE p.id = NEW.payment_id AND p.state = 'settled' AND p.currency = NEW.currency FOR UPDATE;
  IF captured IS NULL THEN
    RAISE EXCEPTION 'refund of a payment that is not settled in %', NEW.currency USING ERRCODE = 'check_violation';
  END IF;
  SELECT coalesce(sum(r.amount_minor), 0) INTO refunded FROM refund r
    WHERE r.payment_id = NEW.payment_id AND r.state <> 'failed' AND r.id <> NEW.id;
  IF refunded + NEW.amount_minor > captured THEN
    RAISE EXCEPTION 'refunds would exceed the capture' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "refund_within_capture" BEFORE INSERT OR UPDATE OF "amount_minor", "payment_id" ON "refund"
  FOR EACH ROW EXECUTE FUNCTION "refund_within_capture"();

-- The ledger is append-only: corrections are new journals.
CREATE FUNCTION "ledger_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only: % on % refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER "journal_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "journal"
  FOR EACH STATEMENT EXECUTE FUNCTION "ledger_append_only"();
CREATE TRIGGER "ledger_entry_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_entry"
  FOR EACH STATEMENT EXECUTE FUNCTION "ledger_append_only"();
CREATE TRIGGER "ledger_account_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_account"
  FOR EACH STATEMENT EXECUTE FUNCTION "ledger_append_only"();

-- Every journal has entries, in its own currency, that sum to zero when the transaction commits.
CREATE FUNCTION "journal_balanced"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  journal journal.id%TYPE := CASE TG_TABLE_NAME WHEN 'journal' THEN NEW.id ELSE NULL END;
  total numeric;
  strangers bigint;
BEGIN
  IF journal IS NULL THEN journal := NEW.journal_id; END IF;
  SELECT sum(e.amount_minor), count(*) FILTER (WHERE a.currency <> j.currency) INTO total, strangers
    FROM ledger_entry e JOIN ledger_account a ON a.id = e.ledger_account_id JOIN journal j ON j.id = e.journal_id
    WHERE e.journal_id = journal;
  IF total IS NULL OR total <> 0 THEN
    RAISE EXCEPTION 'journal % does not balance: %', journal, coalesce(total::text, 'no entries') USING ERRCODE = 'check_violation';
  END IF;
  IF strangers > 0 THEN
    RAISE EXCEPTION 'journal % mixes currencies', journal USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER "journal_balanced" AFTER INSERT ON "journal"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "journal_balanced"();
-- An entry added to a journal of an earlier transaction is judged as well.
CREATE CONSTRAINT TRIGGER "ledger_entry_balanced" AFTER INSERT ON "ledger_entry"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "journal_balanced"();

-- A customer's balance follows the entries, and only them: nobody else may write it.
CREATE FUNCTION "balance_follows_entries"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  target ledger_account%ROWTYPE;
BEGIN
  SELECT * INTO target FROM ledger_account WHERE id = NEW.ledger_account_id;
  IF target.code NOT IN ('customer_balance', 'customer_reserved') THEN RETURN NULL; END IF;
  INSERT INTO balance (account_id, currency) VALUES (target.account_id, target.currency) ON CONFLICT DO NOTHING;
  -- A credit (negative) raises what the operator owes the customer.
  IF target.code = 'customer_balance' THEN
    UPDATE balance SET balance_minor = balance_minor - NEW.amount_minor
      WHERE account_id = target.account_id AND currency = target.currency;
  ELSE
    UPDATE balance SET reserved_minor = reserved_minor - NEW.amount_minor
      WHERE account_id = target.account_id AND currency = target.currency;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "balance_follows_entries" AFTER INSERT ON "ledger_entry"
  FOR EACH ROW EXECUTE FUNCTION "balance_follows_entries"();

-- What staff and system did is written once.
CREATE FUNCTION "audit_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit events are append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER "audit_event_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_event"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_append_only"();
CREATE INDEX "audit_event_at_idx" ON "audit_event" ("at");

-- ---------------------------------------------------------------- audit views: one row per fact, no secrets

CREATE SCHEMA "audit";

CREATE VIEW "audit"."journal_imbalance" AS
  SELECT e.journal_id, a.currency::text AS currency, sum(e.amount_minor) AS sum_minor
    FROM ledger_entry e JOIN ledger_account a ON a.id = e.ledger_account_id
    GROUP BY e.journal_id, a.currency HAVING sum(e.amount_minor) <> 0;

CREATE VIEW "audit"."balances" AS
  SELECT c.email AS customer_email, b.currency::text AS currency, b.balance_minor, b.reserved_minor
    FROM balance b JOIN account c ON c.id = b.account_id;

CREATE VIEW "audit"."orders" AS
  SELECT o.number AS order_number, c.email AS customer_email, s.iccid, o.kind::text AS kind, o.state::text AS state,
         o.currency::text AS currency, o.total_minor,
         coalesce((SELECT sum(p.amount_minor) FROM payment p WHERE p.order_id = o.id AND p.state = 'settled'), 0)::bigint AS paid_minor,
         coalesce((SELECT sum(r.amount_minor) FROM refund r WHERE r.order_id = o.id AND r.state = 'succeeded'), 0)::bigint AS refunded_minor,
         o.attempt_id, o.placed_at, o.next_attempt_at, o.needs_attention IS NOT NULL AS needs_attention
    FROM "order" o JOIN account c ON c.id = o.account_id JOIN esim s ON s.id = o.esim_id;

CREATE VIEW "audit"."payments" AS
  SELECT p.id AS payment_id, o.number AS order_number, p.adapter::text AS adapter, p.provider_reference, p.state::text AS state,
         p.currency::text AS currency, p.amount_minor,
         coalesce((SELECT sum(r.amount_minor) FROM refund r WHERE r.payment_id = p.id AND r.state = 'succeeded'), 0)::bigint AS refunded_minor,
         p.created_at, p.settled_at
    FROM payment p JOIN "order" o ON o.id = p.order_id;

CREATE VIEW "audit"."activations" AS
  SELECT o.number AS order_number, i.position AS item, a.carrier::text AS carrier, a.our_reference, a.carrier_reference,
         a.state::text AS state, a.attempts, a.requested_at, a.confirmed_at
    FROM activation a JOIN order_item i ON i.id = a.order_item_id JOIN "order" o ON o.id = i.order_id;

CREATE VIEW "audit"."periods" AS
  SELECT s.iccid, o.number AS order_number, pl.code AS plan_code, p.starts_at, p.ends_at, p.state::text AS state
    FROM period p JOIN esim s ON s.id = p.esim_id JOIN plan pl ON pl.id = p.plan_id
    LEFT JOIN order_item i ON i.id = p.order_item_id LEFT JOIN "order" o ON o.id = i.order_id;

CREATE VIEW "audit"."buckets" AS
  SELECT s.iccid, o.number AS order_number, b.kind, b.total_bytes AS total, b.remaining_bytes AS remaining, 'byte' AS unit,
         b.valid_from, b.valid_until, b.as_of
    FROM bucket b JOIN esim s ON s.id = b.esim_id
    LEFT JOIN order_item i ON i.id = b.order_item_id LEFT JOIN "order" o ON o.id = i.order_id;

CREATE VIEW "audit"."notices" AS
  SELECT o.number AS order_number, c.email AS customer_email, n.template, n.channel, n.locale, n.state::text AS state, n.sent_at
    FROM notice n JOIN "order" o ON o.id = n.order_id JOIN account c ON c.id = n.account_id;

CREATE VIEW "audit"."sessions" AS
  SELECT c.email AS customer_email, s.created_at, s.last_seen_at, s.ended_at
    FROM session s JOIN account c ON c.id = s.account_id;

CREATE VIEW "audit"."events" AS
  SELECT e.at, e.actor_kind, c.email AS actor_email, e.action, e.subject, e.reason
    FROM audit_event e LEFT JOIN account c ON c.id = e.actor_id;

-- ---------------------------------------------------------------- the role the application runs as owns nothing

DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_app') THEN CREATE ROLE portal_app NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- another database of the cluster was first
END $$;

GRANT USAGE ON SCHEMA public, audit TO portal_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public, audit TO portal_app;
GRANT INSERT, UPDATE, DELETE ON
  "account", "session", "rate_limit", "plan", "plan_price", "plan_coverage", "tax_rate", "esim", "period", "bucket",
  "order", "order_item", "activation", "payment", "refund", "provider_event", "notice" TO portal_app;
GRANT INSERT ON "ledger_account", "journal", "ledger_entry", "audit_event" TO portal_app;
