-- Detection: what was seen of stock, what must have happened to it, and the incidents that follow. Nouns: docs/reference/detection.md.
-- New tables, and columns that are added with a constant default or none: nothing is rewritten, an older version of the app goes on beside it.

CREATE TABLE "stock_observations" (
    "id" BIGSERIAL PRIMARY KEY,
    "install_id" BIGINT NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "location_id" TEXT NOT NULL,
    "available" INTEGER,
    "connected" BOOLEAN NOT NULL DEFAULT true,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "seen_by" TEXT NOT NULL,
    "webhook_id" TEXT,
    "event_id" TEXT,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "delta" INTEGER,
    "verdict" TEXT,
    "foreign_delta" INTEGER,
    "parts" JSONB,
    "judged_at" TIMESTAMPTZ(3),
    CONSTRAINT "stock_observations_seen_by" CHECK ("seen_by" IN ('notification', 'read', 'scan')),
    CONSTRAINT "stock_observations_verdict" CHECK ("verdict" IN ('first', 'none', 'ours', 'shopify_order', 'restock', 'another_writer', 'unknown'))
);
CREATE INDEX "stock_observations_history" ON "stock_observations"("install_id", "inventory_item_id", "location_id", "at");
CREATE UNIQUE INDEX "stock_observations_one_per_notification" ON "stock_observations"("install_id", "webhook_id", "inventory_item_id", "location_id") WHERE "webhook_id" IS NOT NULL;

CREATE TABLE "order_items" (
    "install_id" BIGINT NOT NULL,
    "order_id" TEXT NOT NULL,
    "line_id" TEXT NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "order_name" TEXT,
    "variant_id" TEXT,
    "location_id" TEXT,
    "units" INTEGER NOT NULL,
    "units_open" INTEGER NOT NULL,
    "committed_at" TIMESTAMPTZ(3) NOT NULL,
    "heard_at" TIMESTAMPTZ(3) NOT NULL,
    "paid" BOOLEAN NOT NULL,
    "source_key" TEXT,
    "component" BOOLEAN NOT NULL DEFAULT false,
    "exempt" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    PRIMARY KEY ("install_id", "order_id", "line_id", "inventory_item_id"),
    CONSTRAINT "order_items_units" CHECK ("units" >= 0 AND "units_open" >= 0 AND "units_open" <= "units"),
    CONSTRAINT "order_items_exempt" CHECK ("exempt" IN ('pos', 'test', 'gift_card', 'untracked', 'continue', 'preorder'))
);
CREATE INDEX "order_items_open" ON "order_items"("install_id", "inventory_item_id", "committed_at") WHERE "units_open" > 0;

CREATE TABLE "stock_effects" (
    "id" BIGSERIAL PRIMARY KEY,
    "install_id" BIGINT NOT NULL,
    "effect_key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "location_id" TEXT,
    "delta" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "after" INTEGER,
    "event_id" TEXT,
    "order_id" TEXT,
    "order_name" TEXT,
    "line_id" TEXT,
    "mutation_id" UUID,
    "expected" BOOLEAN NOT NULL,
    "heard_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    CONSTRAINT "stock_effects_kind" CHECK ("kind" IN ('ours', 'order', 'edit', 'restock')),
    CONSTRAINT "stock_effects_moves" CHECK ("delta" <> 0),
    CONSTRAINT "stock_effects_ours" CHECK (("kind" = 'ours') = ("mutation_id" IS NOT NULL)),
    UNIQUE ("install_id", "effect_key")
);
CREATE INDEX "stock_effects_history" ON "stock_effects"("install_id", "inventory_item_id", "at");
CREATE INDEX "stock_effects_of_order" ON "stock_effects"("install_id", "order_id") WHERE "order_id" IS NOT NULL;

CREATE TABLE "stock_judgements" (
    "install_id" BIGINT NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "location_id" TEXT NOT NULL,
    "due_at" TIMESTAMPTZ(6) NOT NULL,
    "from_at" TIMESTAMPTZ(6) NOT NULL,
    "taken_until" TIMESTAMPTZ(6),
    PRIMARY KEY ("install_id", "inventory_item_id", "location_id")
);
CREATE INDEX "stock_judgements_due" ON "stock_judgements"("due_at");

CREATE TABLE "oversells" (
    "id" BIGSERIAL PRIMARY KEY,
    "install_id" BIGINT NOT NULL,
    "shop" TEXT NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "location_id" TEXT NOT NULL,
    "variant_id" TEXT,
    "sku" TEXT,
    "title" TEXT,
    "location_name" TEXT,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "depth" INTEGER NOT NULL,
    "short" INTEGER NOT NULL,
    "available" INTEGER,
    "pending" INTEGER NOT NULL DEFAULT 0,
    "hidden" INTEGER NOT NULL DEFAULT 0,
    "movable" JSONB NOT NULL DEFAULT '[]',
    "orders" JSONB NOT NULL DEFAULT '[]',
    "policy" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "confidence" TEXT NOT NULL,
    "evidence" JSONB NOT NULL DEFAULT '{}',
    "seen_by" TEXT NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "closed_at" TIMESTAMPTZ(3),
    "close_reason" TEXT,
    "handled_at" TIMESTAMPTZ(3),
    "handled_by" TEXT,
    "handled_note" TEXT,
    CONSTRAINT "oversells_kind" CHECK ("kind" IN ('oversold', 'move_stock', 'likely_oversold')),
    CONSTRAINT "oversells_state" CHECK ("state" IN ('open', 'closed')),
    CONSTRAINT "oversells_closed" CHECK (("state" = 'closed') = ("closed_at" IS NOT NULL) AND ("state" = 'closed') = ("close_reason" IS NOT NULL)),
    CONSTRAINT "oversells_close_reason" CHECK ("close_reason" IN ('stock_returned', 'orders_gone', 'moved', 'recounted')),
    CONSTRAINT "oversells_depth" CHECK ("depth" > 0 AND "short" >= 0 AND "short" <= "depth"),
    CONSTRAINT "oversells_policy" CHECK ("policy" IN ('latest_first', 'unpaid_first')),
    CONSTRAINT "oversells_cause" CHECK ("cause" IN ('two_sales', 'foreign_write', 'bundle', 'late_notification', 'unknown')),
    CONSTRAINT "oversells_confidence" CHECK ("confidence" IN ('certain', 'likely', 'unknown'))
);
CREATE UNIQUE INDEX "oversells_one_open_per_stock" ON "oversells"("install_id", "inventory_item_id", "location_id") WHERE "state" = 'open';
CREATE INDEX "oversells_of_install" ON "oversells"("install_id", "state", "id");

CREATE TABLE "fulfilment_holds" (
    "install_id" BIGINT NOT NULL,
    "order_id" TEXT NOT NULL,
    "fulfilment_order_id" TEXT NOT NULL,
    "handle" TEXT NOT NULL,
    "oversell_id" BIGINT NOT NULL,
    "hold_id" TEXT,
    "state" TEXT NOT NULL,
    "reason" TEXT,
    "by" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    PRIMARY KEY ("install_id", "fulfilment_order_id", "handle"),
    CONSTRAINT "fulfilment_holds_state" CHECK ("state" IN ('asked', 'held', 'release_asked', 'released', 'failed'))
);
CREATE INDEX "fulfilment_holds_of_oversell" ON "fulfilment_holds"("oversell_id");

CREATE TABLE "conflicts" (
    "id" BIGSERIAL PRIMARY KEY,
    "install_id" BIGINT NOT NULL,
    "shop" TEXT NOT NULL,
    "observation_id" BIGINT NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "location_id" TEXT NOT NULL,
    "variant_id" TEXT,
    "sku" TEXT,
    "title" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "value_before" INTEGER NOT NULL,
    "value_written" INTEGER NOT NULL,
    "same_as_at" TIMESTAMPTZ(3) NOT NULL,
    "units_at_risk" INTEGER NOT NULL,
    "unseen" JSONB NOT NULL,
    "confidence" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "found_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "ended_at" TIMESTAMPTZ(3),
    "ended_by" TEXT,
    "note" TEXT,
    CONSTRAINT "conflicts_state" CHECK ("state" IN ('open', 'repaired', 'dismissed', 'explained')),
    CONSTRAINT "conflicts_ended" CHECK (("state" = 'open') = ("ended_at" IS NULL)),
    CONSTRAINT "conflicts_confidence" CHECK ("confidence" IN ('certain', 'likely')),
    CONSTRAINT "conflicts_units" CHECK ("units_at_risk" <> 0),
    UNIQUE ("install_id", "observation_id")
);
CREATE INDEX "conflicts_of_stock" ON "conflicts"("install_id", "inventory_item_id", "location_id", "at");
CREATE INDEX "conflicts_of_install" ON "conflicts"("install_id", "id");

CREATE TABLE "drifts" (
    "id" BIGSERIAL PRIMARY KEY,
    "install_id" BIGINT NOT NULL,
    "shop" TEXT NOT NULL,
    "scan_id" BIGINT,
    "inventory_item_id" TEXT NOT NULL,
    "location_id" TEXT NOT NULL,
    "variant_id" TEXT,
    "sku" TEXT,
    "title" TEXT,
    "shopify" INTEGER NOT NULL,
    "known" INTEGER,
    "difference" INTEGER NOT NULL,
    "explanation" TEXT NOT NULL,
    "evidence" JSONB NOT NULL DEFAULT '{}',
    "proposed_delta" INTEGER,
    "proposed_because" TEXT,
    "state" TEXT NOT NULL DEFAULT 'open',
    "found_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "ended_at" TIMESTAMPTZ(3),
    "ended_by" TEXT,
    "note" TEXT,
    CONSTRAINT "drifts_explanation" CHECK ("explanation" IN ('missed_notification', 'another_writer', 'owed', 'doubled', 'unknown')),
    CONSTRAINT "drifts_state" CHECK ("state" IN ('open', 'explained', 'corrected', 'dismissed', 'gone')),
    CONSTRAINT "drifts_ended" CHECK (("state" = 'open') = ("ended_at" IS NULL)),
    CONSTRAINT "drifts_proposal" CHECK (("proposed_delta" IS NULL) = ("proposed_because" IS NULL) AND "proposed_because" IN ('owed', 'doubled'))
);
CREATE UNIQUE INDEX "drifts_one_open_per_stock" ON "drifts"("install_id", "inventory_item_id", "location_id") WHERE "state" = 'open';
CREATE INDEX "drifts_of_install" ON "drifts"("install_id", "state", "id");

CREATE TABLE "alert_events" (
    "id" BIGSERIAL PRIMARY KEY,
    "install_id" BIGINT NOT NULL,
    "shop" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "stage" TEXT NOT NULL,
    "facts" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "fanned_out_at" TIMESTAMPTZ(3),
    CONSTRAINT "alert_events_stage" CHECK ("stage" ~ '^(opened|closed|changed:[0-9]+)$'),
    UNIQUE ("install_id", "kind", "subject", "stage")
);
CREATE INDEX "alert_events_to_fan_out" ON "alert_events"("id") WHERE "fanned_out_at" IS NULL;
CREATE INDEX "alert_events_of_install" ON "alert_events"("install_id", "id");

-- The order's items and effects are to be looked at again; null: nothing is news. Set when its state is merged.
ALTER TABLE "orders" ADD COLUMN "detect_at" TIMESTAMPTZ(6);
-- Not concurrently: the column is new, so the index is empty.
CREATE INDEX "orders_to_detect" ON "orders"("detect_at") WHERE "detect_at" IS NOT NULL;
ALTER TABLE "variants" ADD COLUMN "inventory_policy" TEXT;
ALTER TABLE "variants" ADD COLUMN "product_title" TEXT;
ALTER TABLE "locations" ADD COLUMN "ships" BOOLEAN NOT NULL DEFAULT true;
