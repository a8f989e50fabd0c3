-- A customer may say where messages go, and for whom the receipt is, without giving an address.
ALTER TABLE "billing_profile"
  ALTER COLUMN "line1" DROP NOT NULL,
  ALTER COLUMN "city" DROP NOT NULL,
  ADD CONSTRAINT "billing_profile_company_address" CHECK ("kind" <> 'company' OR "line1" <> '');

-- When the provider is told (again) to forget a method that was removed.
ALTER TABLE "saved_method"
  ADD COLUMN "next_attempt_at" TIMESTAMPTZ(3),
  ADD COLUMN "attempts" INTEGER NOT NULL DEFAULT 0,
  ADD CONSTRAINT "saved_method_forgotten_after_removed" CHECK ("forgotten_at" IS NULL OR "removed_at" IS NOT NULL);
CREATE INDEX "saved_method_next_attempt_at_idx" ON "saved_method"("next_attempt_at");
