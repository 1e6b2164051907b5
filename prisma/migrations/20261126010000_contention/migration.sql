-- Waits for busy items, counted by hour, item and cause; written in batches, a few seconds at a time.
-- The row without item and location is the sum over all items of its hour and cause: what a page shows of the whole shop reads those alone.
CREATE TABLE "contention_hours" (
    "install_id" BIGINT NOT NULL,
    "hour" TIMESTAMPTZ(0) NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "location_id" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "waits" INTEGER NOT NULL DEFAULT 0,
    "wait_ms_max" INTEGER NOT NULL DEFAULT 0,
    "wait_counts" INTEGER[] NOT NULL,
    "hold_ms_max" INTEGER NOT NULL DEFAULT 0,
    "hold_counts" INTEGER[] NOT NULL,
    "lost" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "contention_hours_pkey" PRIMARY KEY ("install_id", "hour", "inventory_item_id", "location_id", "cause")
);
-- One item's hours.
CREATE INDEX "contention_hours_of_stock" ON "contention_hours" ("install_id", "inventory_item_id", "location_id", "hour");
ALTER TABLE "contention_hours" ADD CONSTRAINT "contention_hours_cause" CHECK ("cause" IN ('orders', 'reservations', 'reconciliation', 'person'));
-- A histogram of another length would be added up wrongly.
ALTER TABLE "contention_hours" ADD CONSTRAINT "contention_hours_counts" CHECK (cardinality("wait_counts") = 12 AND cardinality("hold_counts") = 12);
-- Rows of the present hour are written again and again.
ALTER TABLE "contention_hours" SET (fillfactor = 70);
