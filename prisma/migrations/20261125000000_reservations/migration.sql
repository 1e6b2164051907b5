-- Stock held before a charge. Design: docs/reference/reservations.md; reasons: docs/decisions/027-holds-and-blocks.md.

CREATE TABLE "reservations" (
    "id" UUID NOT NULL,
    "install_id" BIGINT NOT NULL,
    "shop" TEXT NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "body_hash" TEXT NOT NULL,
    "token_id" TEXT,
    "reference" TEXT,
    "state" TEXT NOT NULL DEFAULT 'active',
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "trace_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
    "finished_at" TIMESTAMPTZ(6),
    "finished_by" TEXT,
    "commit_hash" TEXT,
    "payment_reference" TEXT,
    "order_id" TEXT,
    "late" BOOLEAN NOT NULL DEFAULT false,
    "refund_required" BOOLEAN NOT NULL DEFAULT false,
    "settlement" TEXT,
    "settle_at" TIMESTAMPTZ(6),
    "settled_at" TIMESTAMPTZ(6),
    CONSTRAINT "reservations_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "reservations_state" CHECK ("state" IN ('active', 'committed', 'released', 'expired')),
    CONSTRAINT "reservations_finished" CHECK (("state" = 'active') = ("finished_at" IS NULL)),
    CONSTRAINT "reservations_refund" CHECK (NOT "refund_required" OR "state" IN ('expired', 'released')),
    CONSTRAINT "reservations_order" CHECK ("order_id" IS NULL OR "state" = 'committed'),
    CONSTRAINT "reservations_settlement" CHECK (("settlement" IS NOT NULL) = ("state" = 'committed')
        AND ("settlement" IS NULL OR "settlement" IN ('order', 'take', 'done', 'person'))),
    CONSTRAINT "reservations_settle_at" CHECK (("settle_at" IS NOT NULL) = ("settlement" IS NOT NULL AND "settlement" IN ('order', 'take')))
);
CREATE UNIQUE INDEX "reservations_install_id_idempotency_key_key" ON "reservations"("install_id", "idempotency_key");
CREATE INDEX "reservations_install_id_created_at_id_idx" ON "reservations"("install_id", "created_at", "id");
CREATE INDEX "reservations_install_id_order_id_idx" ON "reservations"("install_id", "order_id");
CREATE INDEX "reservations_active_until" ON "reservations"("expires_at") WHERE "state" = 'active';
CREATE INDEX "reservations_to_settle" ON "reservations"("settle_at") WHERE "settle_at" IS NOT NULL;
CREATE INDEX "reservations_active_reference" ON "reservations"("install_id", "reference") WHERE "state" = 'active' AND "reference" IS NOT NULL;

CREATE TABLE "reservation_lines" (
    "reservation_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "install_id" BIGINT NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "location_id" TEXT NOT NULL,
    "variant_id" TEXT,
    "sku" TEXT,
    "quantity" INTEGER NOT NULL,
    "counts" BOOLEAN NOT NULL,
    CONSTRAINT "reservation_lines_pkey" PRIMARY KEY ("reservation_id", "position"),
    -- No foreign key: lines are written in the statement that writes their reservation, and never moved. Its check, planned by each connection
    -- while the table was small, would read all reservations for each line: tenths of a second a batch.
    CONSTRAINT "reservation_lines_quantity" CHECK ("quantity" > 0)
);
CREATE INDEX "reservation_lines_of_stock" ON "reservation_lines"("install_id", "inventory_item_id", "location_id");

CREATE TABLE "stock_blocks" (
    "install_id" BIGINT NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "location_id" TEXT NOT NULL,
    "held" INTEGER NOT NULL DEFAULT 0,
    "granted" INTEGER NOT NULL DEFAULT 0,
    "settling" INTEGER NOT NULL DEFAULT 0,
    "leaving" INTEGER NOT NULL DEFAULT 0,
    "growing" INTEGER NOT NULL DEFAULT 0,
    "move_count" BIGINT NOT NULL DEFAULT 0,
    "last_granted_at" TIMESTAMPTZ(3),
    "look_at" TIMESTAMPTZ(6),
    CONSTRAINT "stock_blocks_pkey" PRIMARY KEY ("install_id", "inventory_item_id", "location_id"),
    CONSTRAINT "stock_blocks_counts" CHECK ("granted" >= 0 AND "settling" >= 0 AND "leaving" >= 0 AND "growing" >= 0)
);
CREATE INDEX "stock_blocks_to_look_at" ON "stock_blocks"("look_at") WHERE "look_at" IS NOT NULL;

CREATE TABLE "reservation_hours" (
    "install_id" BIGINT NOT NULL,
    "hour" TIMESTAMPTZ(0) NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "location_id" TEXT NOT NULL,
    "granted_count" INTEGER NOT NULL DEFAULT 0,
    "granted_units" BIGINT NOT NULL DEFAULT 0,
    "committed_units" BIGINT NOT NULL DEFAULT 0,
    "released_units" BIGINT NOT NULL DEFAULT 0,
    "lapsed_units" BIGINT NOT NULL DEFAULT 0,
    "refused_count" INTEGER NOT NULL DEFAULT 0,
    "short_units" BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT "reservation_hours_pkey" PRIMARY KEY ("install_id", "hour", "inventory_item_id", "location_id")
);

CREATE TABLE "reservation_orders" (
    "reservation_id" UUID NOT NULL,
    "install_id" BIGINT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'sending',
    "body_hash" TEXT NOT NULL,
    "sent_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
    "called_at" TIMESTAMPTZ(6),
    "give_up_at" TIMESTAMPTZ(6) NOT NULL,
    "look_at" TIMESTAMPTZ(6),
    "attempt_count" INTEGER NOT NULL DEFAULT 1,
    "order_id" TEXT,
    "failure" TEXT,
    "finished_at" TIMESTAMPTZ(6),
    CONSTRAINT "reservation_orders_pkey" PRIMARY KEY ("reservation_id"),
    CONSTRAINT "reservation_orders_state" CHECK ("state" IN ('sending', 'unknown', 'created', 'refused', 'person')),
    CONSTRAINT "reservation_orders_created" CHECK (("state" = 'created') = ("order_id" IS NOT NULL)),
    CONSTRAINT "reservation_orders_reservation" FOREIGN KEY ("reservation_id") REFERENCES "reservations"("id") ON DELETE CASCADE ON UPDATE NO ACTION
);
CREATE INDEX "reservation_orders_of_install" ON "reservation_orders"("install_id");
CREATE INDEX "reservation_orders_to_look_for" ON "reservation_orders"("look_at") WHERE "look_at" IS NOT NULL;

-- What a call does: today's adjust one quantity; a move takes units from `available` into `reserved` (positive) or back (negative).
ALTER TABLE "mutations" ADD COLUMN "operation" TEXT NOT NULL DEFAULT 'adjust';
ALTER TABLE "mutations" ADD CONSTRAINT "mutations_operation" CHECK ("operation" IN ('adjust', 'move')) NOT VALID;
-- Compare-and-swap: what `available` must be for Shopify to carry the entry out; null: whatever it is.
ALTER TABLE "mutation_entries" ADD COLUMN "change_from" INTEGER;

-- The reservation that an order's attribute names.
ALTER TABLE "orders" ADD COLUMN "reservation_id" UUID;
-- Not concurrently: a migration of several statements may run as one transaction, and no row has a value yet: one read of the table.
CREATE INDEX "orders_of_reservation" ON "orders"("install_id", "reservation_id") WHERE "reservation_id" IS NOT NULL;
