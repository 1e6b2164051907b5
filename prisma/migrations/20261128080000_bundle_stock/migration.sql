-- A bundle's own stock follows its items: changes of quantity name `bundle`, sent as compare-and-swap by calls of operation `follow`. Additive: an older
-- version neither claims such changes nor can send such a call (it refuses an operation it does not know), and leaves both to this one.
ALTER TABLE "mutations" DROP CONSTRAINT "mutations_operation";
ALTER TABLE "mutations" ADD CONSTRAINT "mutations_operation" CHECK ("operation" IN ('adjust', 'move', 'follow')) NOT VALID;

-- What `available` was when the change was decided: it is carried out from there or not at all.
ALTER TABLE "changes" ADD COLUMN "decided_from" INTEGER;
ALTER TABLE "changes" ADD CONSTRAINT "changes_decided_from" CHECK ("quantity_name" <> 'bundle' OR "decided_from" IS NOT NULL) NOT VALID;
CREATE TRIGGER "changes_decision_frozen" BEFORE UPDATE ON "changes" FOR EACH ROW
  WHEN (OLD."decided_from" IS DISTINCT FROM NEW."decided_from")
  EXECUTE FUNCTION "refuse_impossible"('what a change does is fixed when it is derived');

-- A bundle's own number, like a move, is no news for a merchant's stock system: no unit is gone, and its items were told of by themselves.
CREATE OR REPLACE FUNCTION "queue_external_pushes"("ids" BIGINT[]) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
  queued INTEGER;
  fresh BIGINT[];
BEGIN
  INSERT INTO "external_systems" ("install_id", "shop")
    SELECT DISTINCT c."install_id", c."shop" FROM "changes" c WHERE c."id" = ANY("ids") ORDER BY 1 ON CONFLICT DO NOTHING;
  INSERT INTO "external_lanes" ("install_id", "inventory_item_id")
    SELECT DISTINCT c."install_id", c."inventory_item_id" FROM "changes" c WHERE c."id" = ANY("ids") AND c."state" = 'applied' AND c."cause" <> 'correction' AND c."quantity_name" NOT IN ('hold', 'bundle')
    ORDER BY 1, 2
    ON CONFLICT ("install_id", "inventory_item_id") DO UPDATE SET "last_sequence" = "external_lanes"."last_sequence";
  fresh := ARRAY(SELECT unnest("ids") EXCEPT SELECT p."change_id" FROM "external_pushes" p WHERE p."change_id" = ANY("ids"));
  WITH "numbered" AS (
    SELECT c.*, l."last_sequence" + row_number() OVER (PARTITION BY c."install_id", c."inventory_item_id" ORDER BY c."id") AS "number"
    FROM "changes" c JOIN "external_lanes" l ON l."install_id" = c."install_id" AND l."inventory_item_id" = c."inventory_item_id"
    WHERE c."id" = ANY(fresh) AND c."state" = 'applied' AND c."cause" <> 'correction' AND c."quantity_name" NOT IN ('hold', 'bundle'))
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

CREATE OR REPLACE FUNCTION "changes_applied_are_queued"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  connected BIGINT[];
  applied BIGINT[];
BEGIN
  IF NOT EXISTS (SELECT 1 FROM "after_rows" WHERE "state" = 'applied' AND "quantity_name" NOT IN ('hold', 'bundle')) THEN RETURN NULL; END IF;
  connected := ARRAY(SELECT i."install_id" FROM (SELECT DISTINCT "install_id" FROM "after_rows" WHERE "state" = 'applied') i WHERE (
    SELECT s."document"->'external'->>'enabled' FROM "settings_versions" s WHERE s."install_id" = i."install_id" ORDER BY s."version" DESC LIMIT 1) = 'true');
  IF cardinality(connected) = 0 THEN RETURN NULL; END IF;
  applied := ARRAY(SELECT "id" FROM "after_rows" WHERE "state" = 'applied' AND "cause" <> 'correction' AND "quantity_name" NOT IN ('hold', 'bundle') AND "install_id" = ANY(connected)
    EXCEPT SELECT "id" FROM "before_rows" WHERE "state" = 'applied');
  IF cardinality(applied) > 0 THEN PERFORM "queue_external_pushes"(applied); END IF;
  RETURN NULL;
END $$;
