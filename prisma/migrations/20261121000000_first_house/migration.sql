-- CreateTable
CREATE TABLE "Session" (
    "id" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "isOnline" BOOLEAN NOT NULL DEFAULT false,
    "scope" TEXT,
    "expires" TIMESTAMP(3),
    "accessToken" TEXT NOT NULL,
    "userId" BIGINT,
    "firstName" TEXT,
    "lastName" TEXT,
    "email" TEXT,
    "accountOwner" BOOLEAN NOT NULL DEFAULT false,
    "locale" TEXT,
    "collaborator" BOOLEAN DEFAULT false,
    "emailVerified" BOOLEAN DEFAULT false,
    "refreshToken" TEXT,
    "refreshTokenExpires" TIMESTAMP(3),

    CONSTRAINT "Session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "installs" (
    "id" BIGSERIAL NOT NULL,
    "shop" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'active',
    "app_installation_gid" TEXT,
    "shop_name" TEXT,
    "timezone" TEXT NOT NULL DEFAULT 'UTC',
    "scopes" TEXT NOT NULL DEFAULT '',
    "scopes_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "installed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "end_reason" TEXT,
    "setup_guide_dismissed_at" TIMESTAMPTZ(3),

    CONSTRAINT "installs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "settings_versions" (
    "install_id" BIGINT NOT NULL,
    "version" INTEGER NOT NULL,
    "document" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,

    CONSTRAINT "settings_versions_pkey" PRIMARY KEY ("install_id","version")
);

-- CreateTable
CREATE TABLE "order_sources" (
    "install_id" BIGINT NOT NULL,
    "source_key" TEXT NOT NULL,
    "order_count" INTEGER NOT NULL DEFAULT 0,
    "bypass_count" INTEGER NOT NULL DEFAULT 0,
    "took_stock_count" INTEGER NOT NULL DEFAULT 0,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "paused_at" TIMESTAMPTZ(3),
    "evidence" JSONB,

    CONSTRAINT "order_sources_pkey" PRIMARY KEY ("install_id","source_key")
);

-- CreateTable
CREATE TABLE "source_suspicions" (
    "install_id" BIGINT NOT NULL,
    "order_id" TEXT NOT NULL,
    "source_key" TEXT NOT NULL,
    "ordered_at" TIMESTAMPTZ(3) NOT NULL,
    "variant_ids" TEXT[],
    "evidence" JSONB NOT NULL,
    "judge_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "source_suspicions_pkey" PRIMARY KEY ("install_id","order_id")
);

-- CreateTable
CREATE TABLE "deliveries" (
    "id" BIGSERIAL NOT NULL,
    "install_id" BIGINT NOT NULL,
    "shop" TEXT NOT NULL,
    "webhook_id" TEXT NOT NULL,
    "event_id" TEXT,
    "topic" TEXT NOT NULL,
    "api_version" TEXT,
    "triggered_at" TIMESTAMPTZ(6),
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "order_id" TEXT,
    "payload" JSONB,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "reason" TEXT,
    "processed_at" TIMESTAMPTZ(3),
    "trace_id" TEXT NOT NULL,

    CONSTRAINT "deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "delivery_duplicates" (
    "id" BIGSERIAL NOT NULL,
    "install_id" BIGINT NOT NULL,
    "shop" TEXT NOT NULL,
    "webhook_id" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "delivery_duplicates_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "compliance_requests" (
    "id" BIGSERIAL NOT NULL,
    "shop" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "webhook_id" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completed_at" TIMESTAMPTZ(3),
    "outcome" TEXT,

    CONSTRAINT "compliance_requests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "orders" (
    "id" BIGSERIAL NOT NULL,
    "install_id" BIGINT NOT NULL,
    "shop" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "name" TEXT,
    "source_name" TEXT,
    "app_id" TEXT,
    "ordered_at" TIMESTAMPTZ(3),
    "snapshot" JSONB NOT NULL,
    "pins" JSONB NOT NULL DEFAULT '{}',
    "mode" TEXT,
    "mode_reason" TEXT,
    "settings_version" INTEGER,
    "state" TEXT NOT NULL DEFAULT 'due',
    "state_reason" TEXT,
    "due_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "derived_at" TIMESTAMPTZ(3),
    "webhook_id" TEXT,
    "trace_id" TEXT,
    "accepted_at" TIMESTAMPTZ(3),

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "changes" (
    "id" BIGSERIAL NOT NULL,
    "install_id" BIGINT NOT NULL,
    "shop" TEXT NOT NULL,
    "effect_key" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "order_id" TEXT,
    "order_name" TEXT,
    "line_id" TEXT,
    "variant_id" TEXT,
    "sku" TEXT,
    "title" TEXT,
    "inventory_item_id" TEXT,
    "location_id" TEXT,
    "quantity_name" TEXT NOT NULL DEFAULT 'available',
    "delta" INTEGER NOT NULL,
    "split_depth" INTEGER NOT NULL DEFAULT 0,
    "source_key" TEXT,
    "state" TEXT NOT NULL,
    "reason" TEXT,
    "outcome_unknown" BOOLEAN NOT NULL DEFAULT false,
    "settings_version" INTEGER,
    "mutation_id" UUID,
    "webhook_id" TEXT,
    "trace_id" TEXT NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "before" INTEGER,
    "after" INTEGER,

    CONSTRAINT "changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mutations" (
    "id" UUID NOT NULL,
    "install_id" BIGINT NOT NULL,
    "shop" TEXT NOT NULL,
    "key" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "reason" TEXT,
    "trace_id" TEXT NOT NULL,
    "owner_id" TEXT NOT NULL,
    "claimed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "first_sent_at" TIMESTAMPTZ(3),
    "resend_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "adjustment_group_id" TEXT,

    CONSTRAINT "mutations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mutation_entries" (
    "mutation_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "install_id" BIGINT NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "location_id" TEXT NOT NULL,
    "delta" INTEGER NOT NULL,
    "token" BIGINT NOT NULL,
    "open" BOOLEAN NOT NULL DEFAULT true,
    "before" INTEGER,
    "after" INTEGER,

    CONSTRAINT "mutation_entries_pkey" PRIMARY KEY ("mutation_id","position")
);

-- CreateTable
CREATE TABLE "fencing_tokens" (
    "install_id" BIGINT NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "location_id" TEXT NOT NULL,
    "token" BIGINT NOT NULL,

    CONSTRAINT "fencing_tokens_pkey" PRIMARY KEY ("install_id","inventory_item_id","location_id")
);

-- CreateTable
CREATE TABLE "attempts" (
    "mutation_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "install_id" BIGINT NOT NULL,
    "sent_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "outcome" TEXT,
    "detail" JSONB,

    CONSTRAINT "attempts_pkey" PRIMARY KEY ("mutation_id","number")
);

-- CreateTable
CREATE TABLE "audit_entries" (
    "id" BIGSERIAL NOT NULL,
    "install_id" BIGINT NOT NULL,
    "shop" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "change_id" BIGINT,
    "order_id" TEXT,
    "webhook_id" TEXT,
    "trace_id" TEXT,
    "mutation_id" UUID,
    "inventory_item_id" TEXT,
    "location_id" TEXT,
    "quantity_name" TEXT,
    "delta" INTEGER,
    "before" INTEGER,
    "after" INTEGER,
    "adjustment_group_id" TEXT,
    "detail" JSONB,

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stock_levels" (
    "install_id" BIGINT NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "location_id" TEXT NOT NULL,
    "available" INTEGER,
    "observed_at" TIMESTAMPTZ(6) NOT NULL,
    "source" TEXT NOT NULL,
    "connected" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "stock_levels_pkey" PRIMARY KEY ("install_id","inventory_item_id","location_id")
);

-- CreateTable
CREATE TABLE "variants" (
    "install_id" BIGINT NOT NULL,
    "variant_id" TEXT NOT NULL,
    "inventory_item_id" TEXT,
    "sku" TEXT,
    "title" TEXT,
    "tracked" BOOLEAN NOT NULL DEFAULT true,
    "requires_components" BOOLEAN NOT NULL DEFAULT false,
    "missing" BOOLEAN NOT NULL DEFAULT false,
    "read_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "variants_pkey" PRIMARY KEY ("install_id","variant_id")
);

-- CreateTable
CREATE TABLE "locations" (
    "install_id" BIGINT NOT NULL,
    "location_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "read_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "locations_pkey" PRIMARY KEY ("install_id","location_id")
);

-- CreateTable
CREATE TABLE "api_tokens" (
    "id" UUID NOT NULL,
    "install_id" BIGINT NOT NULL,
    "shop" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "activity_hours" (
    "install_id" BIGINT NOT NULL,
    "hour" TIMESTAMPTZ(0) NOT NULL,
    "lock_acquired" INTEGER NOT NULL DEFAULT 0,
    "lock_busy" INTEGER NOT NULL DEFAULT 0,
    "lock_lost" INTEGER NOT NULL DEFAULT 0,
    "lock_wait_ms_total" BIGINT NOT NULL DEFAULT 0,
    "lock_wait_ms_max" INTEGER NOT NULL DEFAULT 0,
    "turns" INTEGER NOT NULL DEFAULT 0,
    "throttled" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "activity_hours_pkey" PRIMARY KEY ("install_id","hour")
);

-- CreateIndex
CREATE INDEX "Session_shop_idx" ON "Session"("shop");

-- CreateIndex
CREATE UNIQUE INDEX "installs_shop_epoch_key" ON "installs"("shop", "epoch");

-- CreateIndex
CREATE INDEX "source_suspicions_install_id_judge_at_idx" ON "source_suspicions"("install_id", "judge_at");

-- CreateIndex
CREATE INDEX "deliveries_install_id_received_at_idx" ON "deliveries"("install_id", "received_at");

-- CreateIndex
CREATE INDEX "deliveries_install_id_order_id_idx" ON "deliveries"("install_id", "order_id");

-- CreateIndex
CREATE UNIQUE INDEX "deliveries_shop_webhook_id_key" ON "deliveries"("shop", "webhook_id");

-- CreateIndex
CREATE INDEX "delivery_duplicates_install_id_received_at_idx" ON "delivery_duplicates"("install_id", "received_at");

-- CreateIndex
CREATE INDEX "delivery_duplicates_shop_webhook_id_idx" ON "delivery_duplicates"("shop", "webhook_id");

-- CreateIndex
CREATE UNIQUE INDEX "compliance_requests_shop_webhook_id_key" ON "compliance_requests"("shop", "webhook_id");

-- CreateIndex
CREATE INDEX "orders_install_id_name_idx" ON "orders"("install_id", "name");

-- CreateIndex
CREATE INDEX "orders_install_id_ordered_at_idx" ON "orders"("install_id", "ordered_at");

-- CreateIndex
CREATE UNIQUE INDEX "orders_install_id_order_id_key" ON "orders"("install_id", "order_id");

-- CreateIndex
CREATE INDEX "changes_install_id_id_idx" ON "changes"("install_id", "id");

-- CreateIndex
CREATE INDEX "changes_install_id_order_id_idx" ON "changes"("install_id", "order_id");

-- CreateIndex
CREATE INDEX "changes_install_id_inventory_item_id_id_idx" ON "changes"("install_id", "inventory_item_id", "id");

-- CreateIndex
CREATE INDEX "changes_install_id_webhook_id_idx" ON "changes"("install_id", "webhook_id");

-- CreateIndex
CREATE INDEX "changes_install_id_trace_id_idx" ON "changes"("install_id", "trace_id");

-- CreateIndex
CREATE INDEX "changes_install_id_state_id_idx" ON "changes"("install_id", "state", "id");

-- CreateIndex
CREATE INDEX "changes_mutation_id_idx" ON "changes"("mutation_id");

-- CreateIndex
CREATE UNIQUE INDEX "changes_shop_effect_key_key" ON "changes"("shop", "effect_key");

-- CreateIndex
CREATE UNIQUE INDEX "mutations_key_key" ON "mutations"("key");

-- CreateIndex
CREATE INDEX "mutations_install_id_claimed_at_idx" ON "mutations"("install_id", "claimed_at");

-- CreateIndex
CREATE INDEX "audit_entries_install_id_id_idx" ON "audit_entries"("install_id", "id");

-- CreateIndex
CREATE INDEX "audit_entries_install_id_order_id_idx" ON "audit_entries"("install_id", "order_id");

-- CreateIndex
CREATE INDEX "audit_entries_change_id_idx" ON "audit_entries"("change_id");

-- CreateIndex
CREATE INDEX "variants_install_id_inventory_item_id_idx" ON "variants"("install_id", "inventory_item_id");

-- CreateIndex
CREATE INDEX "variants_install_id_sku_idx" ON "variants"("install_id", "sku");

-- CreateIndex
CREATE UNIQUE INDEX "api_tokens_hash_key" ON "api_tokens"("hash");

-- CreateIndex
CREATE INDEX "api_tokens_install_id_idx" ON "api_tokens"("install_id");

-- What Prisma's schema language cannot say: states as constraints, partial indexes, the append-only audit trail.

-- One life of the app per shop at a time.
CREATE UNIQUE INDEX "installs_one_active_per_shop" ON "installs" ("shop") WHERE "state" = 'active';
ALTER TABLE "installs" ADD CONSTRAINT "installs_state" CHECK ("state" IN ('active', 'ended'));
ALTER TABLE "installs" ADD CONSTRAINT "installs_ended" CHECK (("state" = 'ended') = ("ended_at" IS NOT NULL));

-- Work is found by state, never by an id watermark: an id that commits late is not passed over.
CREATE INDEX "deliveries_pending" ON "deliveries" ("install_id", "id") WHERE "state" = 'pending';
-- How long the oldest notification waits is asked for by every scrape of the metrics.
CREATE INDEX "deliveries_pending_since" ON "deliveries" ("received_at") WHERE "state" = 'pending';
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_state" CHECK ("state" IN ('pending', 'processed', 'ignored', 'rejected'));

CREATE INDEX "orders_due" ON "orders" ("install_id", "due_at") WHERE "state" = 'due';
CREATE INDEX "orders_blocked" ON "orders" ("install_id") WHERE "state" = 'blocked';
ALTER TABLE "orders" ADD CONSTRAINT "orders_state" CHECK ("state" IN ('due', 'blocked', 'settled'));
ALTER TABLE "orders" ADD CONSTRAINT "orders_mode" CHECK ("mode" IS NULL OR "mode" IN ('enforce', 'shadow', 'untouched'));

CREATE INDEX "changes_waiting" ON "changes" ("install_id", "id") WHERE "state" = 'waiting';
CREATE INDEX "changes_open" ON "changes" ("install_id", "state") WHERE "state" IN ('waiting', 'claimed', 'parked');
CREATE INDEX "changes_finished" ON "changes" ("install_id", "finished_at") WHERE "state" = 'applied';
-- Stock history by SKU and by time, and what a shop that only watches would have changed.
CREATE INDEX "changes_by_sku" ON "changes" ("install_id", "sku", "id");
CREATE INDEX "changes_by_time" ON "changes" ("install_id", (coalesce("finished_at", "created_at")));
CREATE INDEX "changes_shadow" ON "changes" ("install_id", "created_at") WHERE "state" = 'shadow';
ALTER TABLE "changes" ADD CONSTRAINT "changes_state"
  CHECK ("state" IN ('shadow', 'waiting', 'claimed', 'applied', 'parked', 'rejected', 'cancelled'));
-- Only a placeholder has no stock, and a placeholder is never sent.
ALTER TABLE "changes" ADD CONSTRAINT "changes_stock"
  CHECK (("inventory_item_id" IS NOT NULL AND "location_id" IS NOT NULL AND "delta" <> 0)
    OR ("inventory_item_id" IS NULL AND "location_id" IS NULL AND "delta" = 0 AND "state" IN ('parked', 'shadow', 'cancelled', 'rejected')));
ALTER TABLE "changes" ADD CONSTRAINT "changes_claimed_by" CHECK ("state" <> 'claimed' OR "mutation_id" IS NOT NULL);
ALTER TABLE "changes" ADD CONSTRAINT "changes_waiting_free" CHECK ("state" <> 'waiting' OR "mutation_id" IS NULL);
ALTER TABLE "changes" ADD CONSTRAINT "changes_unknown_outcome" CHECK (NOT "outcome_unknown" OR "state" = 'parked');

ALTER TABLE "mutations" ADD CONSTRAINT "mutations_state" CHECK ("state" IN ('open', 'applied', 'refused', 'parked'));
CREATE INDEX "mutations_open" ON "mutations" ("install_id", "resend_at") WHERE "state" = 'open';
ALTER TABLE "mutation_entries" ADD CONSTRAINT "mutation_entries_mutation" FOREIGN KEY ("mutation_id") REFERENCES "mutations" ("id") ON DELETE CASCADE;
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_mutation" FOREIGN KEY ("mutation_id") REFERENCES "mutations" ("id") ON DELETE CASCADE;
-- Two mutations that change the same item at the same location are never open at once, whatever Redis says.
CREATE UNIQUE INDEX "mutation_entries_one_open_per_stock" ON "mutation_entries" ("install_id", "inventory_item_id", "location_id") WHERE "open";

-- What happened is never rewritten. Rows leave with the shop's redaction or with retention, as deletes.
CREATE FUNCTION "audit_entries_are_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit entries are append-only';
END $$;
CREATE TRIGGER "audit_entries_append_only" BEFORE UPDATE ON "audit_entries"
  FOR EACH ROW EXECUTE FUNCTION "audit_entries_are_append_only"();
