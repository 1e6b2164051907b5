-- Pushes of applied changes to a merchant's stock system: a number per item, given in the transaction that books the change, and the outbox.
-- New tables and one trigger; nothing is rewritten. Nouns: docs/reference/external-systems.md.

CREATE TABLE "external_systems" (
    "install_id" BIGINT PRIMARY KEY,
    "shop" TEXT NOT NULL,
    "secret_sealed" TEXT,
    "secret_set_at" TIMESTAMPTZ(3),
    "secret_set_by" TEXT,
    "failures_in_a_row" INTEGER NOT NULL DEFAULT 0,
    "paused_until" TIMESTAMPTZ(6),
    "pause_reason" TEXT,
    CONSTRAINT "external_systems_secret" CHECK (("secret_sealed" IS NULL) = ("secret_set_at" IS NULL)),
    CONSTRAINT "external_systems_failures" CHECK ("failures_in_a_row" >= 0)
);

-- One row per item: numbers given out, numbers done with, and who works on it. due_at null: nothing to do, or a person is asked.
CREATE TABLE "external_lanes" (
    "install_id" BIGINT NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "last_sequence" BIGINT NOT NULL DEFAULT 0,
    "done_sequence" BIGINT NOT NULL DEFAULT 0,
    "lease" BIGINT NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(6),
    "blocked" BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY ("install_id", "inventory_item_id"),
    CONSTRAINT "external_lanes_sequences" CHECK ("done_sequence" >= 0 AND "done_sequence" <= "last_sequence"),
    CONSTRAINT "external_lanes_blocked_waits" CHECK (NOT "blocked" OR "due_at" IS NULL)
);
CREATE INDEX "external_lanes_due" ON "external_lanes"("install_id", "due_at") WHERE "due_at" IS NOT NULL;

CREATE TABLE "external_pushes" (
    "id" BIGSERIAL PRIMARY KEY,
    "install_id" BIGINT NOT NULL,
    "shop" TEXT NOT NULL,
    "change_id" BIGINT NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "key" UUID NOT NULL DEFAULT gen_random_uuid(),
    "content" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "reason" TEXT,
    "attempt_count" INTEGER NOT NULL DEFAULT 0,
    "last_status" INTEGER,
    "last_attempt_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "finished_at" TIMESTAMPTZ(3),
    CONSTRAINT "external_pushes_one_per_change" UNIQUE ("change_id"),
    CONSTRAINT "external_pushes_one_per_number" UNIQUE ("install_id", "inventory_item_id", "sequence"),
    CONSTRAINT "external_pushes_key" UNIQUE ("key"),
    CONSTRAINT "external_pushes_state" CHECK ("state" IN ('pending', 'delivered', 'parked', 'skipped')),
    CONSTRAINT "external_pushes_finished" CHECK (("state" IN ('delivered', 'skipped')) = ("finished_at" IS NOT NULL)),
    CONSTRAINT "external_pushes_reason" CHECK ("state" NOT IN ('parked', 'skipped') OR coalesce(length("reason"), 0) > 0)
);
CREATE INDEX "external_pushes_of_install" ON "external_pushes"("install_id", "id");
CREATE INDEX "external_pushes_open" ON "external_pushes"("install_id", "state", "id") WHERE "state" IN ('pending', 'parked');

CREATE TRIGGER "external_pushes_transition" BEFORE UPDATE ON "external_pushes" FOR EACH ROW
  WHEN (OLD."state" <> NEW."state" AND NOT CASE OLD."state"
    WHEN 'pending' THEN NEW."state" IN ('delivered', 'parked')
    WHEN 'parked' THEN NEW."state" IN ('pending', 'skipped')
    ELSE false END)
  EXECUTE FUNCTION "refuse_impossible"('a push does not go this way');
CREATE TRIGGER "external_pushes_frozen" BEFORE UPDATE ON "external_pushes" FOR EACH ROW
  WHEN (OLD."key" <> NEW."key" OR OLD."sequence" <> NEW."sequence" OR OLD."content" <> NEW."content" OR OLD."change_id" <> NEW."change_id"
    OR OLD."inventory_item_id" <> NEW."inventory_item_id" OR OLD."install_id" <> NEW."install_id")
  EXECUTE FUNCTION "refuse_impossible"('what is pushed is fixed when the change is booked');
-- A number is done with one after the other, and none is given out twice.
CREATE TRIGGER "external_lanes_in_order" BEFORE UPDATE ON "external_lanes" FOR EACH ROW
  WHEN (NEW."done_sequence" NOT IN (OLD."done_sequence", OLD."done_sequence" + 1) OR NEW."last_sequence" < OLD."last_sequence" OR NEW."lease" < OLD."lease")
  EXECUTE FUNCTION "refuse_impossible"('pushes of an item are done in order');
CREATE TRIGGER "external_lanes_kept" BEFORE DELETE ON "external_lanes" FOR EACH ROW EXECUTE FUNCTION "refuse_while_active"();

-- Gives each of these applied changes its number, in the order of their ids. The lanes are locked first, sorted, and held to the end of the
-- transaction: a number that is seen is preceded by committed ones only, and a change queued meanwhile by somebody else is seen, not queued
-- twice. Corrections mend Shopify's number; the external system heard of each change once already. Returns how many were queued.
CREATE FUNCTION "queue_external_pushes"("ids" BIGINT[]) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
  queued INTEGER;
  fresh BIGINT[];
BEGIN
  INSERT INTO "external_systems" ("install_id", "shop")
    SELECT DISTINCT c."install_id", c."shop" FROM "changes" c WHERE c."id" = ANY("ids") ORDER BY 1 ON CONFLICT DO NOTHING;
  INSERT INTO "external_lanes" ("install_id", "inventory_item_id")
    SELECT DISTINCT c."install_id", c."inventory_item_id" FROM "changes" c WHERE c."id" = ANY("ids") AND c."state" = 'applied' AND c."cause" <> 'correction'
    ORDER BY 1, 2
    ON CONFLICT ("install_id", "inventory_item_id") DO UPDATE SET "last_sequence" = "external_lanes"."last_sequence";
  fresh := ARRAY(SELECT unnest("ids") EXCEPT SELECT p."change_id" FROM "external_pushes" p WHERE p."change_id" = ANY("ids"));
  WITH "numbered" AS (
    SELECT c.*, l."last_sequence" + row_number() OVER (PARTITION BY c."install_id", c."inventory_item_id" ORDER BY c."id") AS "number"
    FROM "changes" c JOIN "external_lanes" l ON l."install_id" = c."install_id" AND l."inventory_item_id" = c."inventory_item_id"
    WHERE c."id" = ANY(fresh) AND c."state" = 'applied' AND c."cause" <> 'correction')
  INSERT INTO "external_pushes" ("install_id", "shop", "change_id", "inventory_item_id", "sequence", "content")
    SELECT n."install_id", n."shop", n."id", n."inventory_item_id", n."number", jsonb_build_object(
      'locationId', n."location_id", 'sku', n."sku", 'quantityName', n."quantity_name", 'delta', n."delta", 'before', n."before", 'after', n."after",
      'cause', n."cause", 'orderId', n."order_id", 'orderName', n."order_name", 'mutationId', n."mutation_id", 'traceId', n."trace_id",
      'occurredAt', to_char(coalesce(n."finished_at", now()) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    FROM "numbered" n;
  GET DIAGNOSTICS queued = ROW_COUNT;
  UPDATE "external_lanes" l SET "last_sequence" = p."last", "due_at" = CASE WHEN l."blocked" THEN NULL ELSE coalesce(l."due_at", now()) END
    FROM (SELECT "install_id", "inventory_item_id", max("sequence") AS "last" FROM "external_pushes" WHERE "change_id" = ANY(fresh) GROUP BY 1, 2) p
    WHERE l."install_id" = p."install_id" AND l."inventory_item_id" = p."inventory_item_id" AND l."last_sequence" < p."last";
  RETURN queued;
END $$;

-- However a change becomes applied (an answer, a late proof, netted, a person's word, an older version of the app during a deploy), it gets
-- its number in that same transaction. For each statement, not row: the lanes of a whole call are locked in one order.
-- EXCEPT, not a join: its cost grows with the rows whatever plan a session made when it saw few of them.
CREATE FUNCTION "changes_applied_are_queued"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  connected BIGINT[];
  applied BIGINT[];
BEGIN
  IF NOT EXISTS (SELECT 1 FROM "after_rows" WHERE "state" = 'applied') THEN RETURN NULL; END IF;
  connected := ARRAY(SELECT i."install_id" FROM (SELECT DISTINCT "install_id" FROM "after_rows" WHERE "state" = 'applied') i WHERE (
    SELECT s."document"->'external'->>'enabled' FROM "settings_versions" s WHERE s."install_id" = i."install_id" ORDER BY s."version" DESC LIMIT 1) = 'true');
  IF cardinality(connected) = 0 THEN RETURN NULL; END IF;
  applied := ARRAY(SELECT "id" FROM "after_rows" WHERE "state" = 'applied' AND "cause" <> 'correction' AND "install_id" = ANY(connected)
    EXCEPT SELECT "id" FROM "before_rows" WHERE "state" = 'applied');
  IF cardinality(applied) > 0 THEN PERFORM "queue_external_pushes"(applied); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "changes_applied_queued" AFTER UPDATE ON "changes" REFERENCING OLD TABLE AS "before_rows" NEW TABLE AS "after_rows"
  FOR EACH STATEMENT EXECUTE FUNCTION "changes_applied_are_queued"();
