-- How far a shop's orders were looked through for notifications that never came.
CREATE TABLE "order_scans" (
    "install_id" BIGINT NOT NULL,
    "watermark" TIMESTAMPTZ(0) NOT NULL,
    "pass_from" TIMESTAMPTZ(0),
    "pass_until" TIMESTAMPTZ(0),
    "pass_cursor" TEXT,
    "pass_long" BOOLEAN NOT NULL DEFAULT false,
    "long_look_at" TIMESTAMPTZ(3),
    "due_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "taken_until" TIMESTAMPTZ(6),
    "passed_at" TIMESTAMPTZ(3),

    CONSTRAINT "order_scans_pkey" PRIMARY KEY ("install_id")
);

-- CreateIndex
CREATE INDEX "order_scans_due_at_idx" ON "order_scans"("due_at");

ALTER TABLE "order_scans" ADD CONSTRAINT "order_scans_pass"
  CHECK (("pass_from" IS NULL) = ("pass_until" IS NULL) AND ("pass_cursor" IS NULL OR "pass_from" IS NOT NULL));

-- When a notification of the order was last found missing; null for nearly all.
ALTER TABLE "orders" ADD COLUMN "missed_at" TIMESTAMPTZ(3);
-- Not concurrently: a migration of several statements may run as one transaction, and no row has a value yet: one read of the table.
CREATE INDEX "orders_missed" ON "orders" ("install_id", "missed_at") WHERE "missed_at" IS NOT NULL;
