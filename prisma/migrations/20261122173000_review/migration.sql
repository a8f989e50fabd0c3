-- AlterTable
ALTER TABLE "provider_event" ADD COLUMN     "attempts" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "next_attempt_at" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP;

-- What was handled is not looked at again; what was not keeps its turn.
UPDATE "provider_event"
  SET "next_attempt_at" = CASE WHEN "processed_at" IS NULL THEN "received_at" END;

-- CreateIndex
CREATE INDEX "provider_event_next_attempt_at_idx" ON "provider_event"("next_attempt_at");

-- CreateIndex
CREATE INDEX "audit_event_actor_id_idx" ON "audit_event"("actor_id");

-- CreateIndex
CREATE INDEX "payment_provider_reference_idx" ON "payment"("provider_reference");

-- Support finds addresses by how they begin; the unique index has the collation's order, not the bytes'.
CREATE INDEX "account_email_beginning_idx" ON "account" ("email" text_pattern_ops);

-- Few orders need a person, and every look at the console asks for those.
CREATE INDEX "order_needs_attention_idx" ON "order" ("placed_at") WHERE "needs_attention" IS NOT NULL;
