-- Tables of the templates: copy them into a migration of your own.

-- One row for each webhook that was answered 2xx. The primary key of idempotency: Shopify's id of the delivery, per shop.
-- Rows are the outbox, too: `done_at` null means that there is work. Never delete a row that Shopify may still repeat (4 hours; keep 30 days).
CREATE TABLE webhook_deliveries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shop text NOT NULL,
  webhook_id text NOT NULL,
  topic text NOT NULL,
  -- What the work needs and nothing else: no names, no addresses.
  facts jsonb NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  done_at timestamptz,
  UNIQUE (shop, webhook_id)
);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (shop, id) WHERE done_at IS NULL;

-- One row for each effect on stock. Its key says what it means ("order 1, line 2"), so a second webhook about the same thing finds it taken.
-- The idempotency key is made with the row: it is durable before any request leaves, and every repetition uses it.
CREATE TABLE stock_effects (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shop text NOT NULL,
  effect_key text NOT NULL,
  inventory_item_id text NOT NULL,
  location_id text NOT NULL,
  delta integer NOT NULL CHECK (delta <> 0),
  idempotency_key uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'applied', 'parked')),
  reason text,
  -- The fencing token: whoever sends takes the next one, and only the newest may decide that it failed.
  attempt integer NOT NULL DEFAULT 0,
  first_sent_at timestamptz,
  UNIQUE (shop, effect_key)
);
CREATE INDEX stock_effects_waiting ON stock_effects (shop, id) WHERE state = 'waiting';
