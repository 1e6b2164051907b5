-- Reconciliation: how far each comparison with Shopify has come, and what waits to be read once more before it counts as a mismatch.
-- New tables only: an older version of the app goes on beside them.

CREATE TABLE "stock_scans" (
    "id" BIGSERIAL PRIMARY KEY,
    "install_id" BIGINT NOT NULL,
    "shop" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "requested_by" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'starting',
    "start_asked_at" TIMESTAMPTZ(3),
    "operation_gid" TEXT,
    "operation_began_at" TIMESTAMPTZ(3),
    "operation_count" INTEGER NOT NULL DEFAULT 0,
    "poll_count" INTEGER NOT NULL DEFAULT 0,
    "object_count" BIGINT NOT NULL DEFAULT 0,
    "object_count_at" TIMESTAMPTZ(3),
    "cancel_asked" BOOLEAN NOT NULL DEFAULT false,
    "url" TEXT,
    "partial" BOOLEAN NOT NULL DEFAULT false,
    "line_count" BIGINT NOT NULL DEFAULT 0,
    "level_count" INTEGER NOT NULL DEFAULT 0,
    "order_count" INTEGER NOT NULL DEFAULT 0,
    "drift_count" INTEGER NOT NULL DEFAULT 0,
    "sources" JSONB NOT NULL DEFAULT '{}',
    "failure" TEXT,
    "due_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
    "taken_until" TIMESTAMPTZ(6),
    "taken_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "finished_at" TIMESTAMPTZ(3),
    CONSTRAINT "stock_scans_kind" CHECK ("kind" IN ('stock', 'orders')),
    CONSTRAINT "stock_scans_reason" CHECK ("reason" IN ('day_one', 'scheduled', 'asked')),
    CONSTRAINT "stock_scans_state" CHECK ("state" IN ('starting', 'running', 'reading', 'confirming', 'done', 'failed')),
    CONSTRAINT "stock_scans_finished" CHECK (("state" IN ('done', 'failed')) = ("finished_at" IS NOT NULL)),
    CONSTRAINT "stock_scans_operation" CHECK ("state" <> 'running' OR "operation_gid" IS NOT NULL),
    CONSTRAINT "stock_scans_file" CHECK ("state" <> 'reading' OR "url" IS NOT NULL)
);
-- One bulk operation of ours at a time in a shop, whoever asks for a second.
CREATE UNIQUE INDEX "stock_scans_one_under_way" ON "stock_scans"("install_id") WHERE "finished_at" IS NULL;
CREATE INDEX "stock_scans_due" ON "stock_scans"("due_at") WHERE "finished_at" IS NULL;
CREATE INDEX "stock_scans_of_install" ON "stock_scans"("install_id", "kind", "id");

CREATE TABLE "stock_scan_candidates" (
    "scan_id" BIGINT NOT NULL,
    "install_id" BIGINT NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "location_id" TEXT NOT NULL,
    "looked_count" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(6) NOT NULL,
    PRIMARY KEY ("scan_id", "inventory_item_id", "location_id")
);
CREATE INDEX "stock_scan_candidates_of_install" ON "stock_scan_candidates"("install_id");
