-- Moves of units between `available` and a block: counted in the transaction of whatever becomes of them, sent only by who knows them.

-- A block counts what is on its way: `growing` and `leaving` are the open changes of quantity name `hold`, and what was applied is `held`.
-- However a change ends (an answer, a late proof, netted, a refusal, a person's word), the block follows in that same transaction. For each
-- statement: the blocks of a whole call are locked in one order, after the changes.
CREATE FUNCTION "count_holds"("installs" BIGINT[], "items" TEXT[], "places" TEXT[], "grown" INTEGER[], "gone" INTEGER[], "moved" INTEGER[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM "stock_blocks" b
    WHERE (b."install_id", b."inventory_item_id", b."location_id") IN (SELECT n.install_id, n.item, n.place FROM unnest("installs", "items", "places") AS n(install_id, item, place))
    ORDER BY b."install_id", b."inventory_item_id", b."location_id" FOR UPDATE;
  UPDATE "stock_blocks" b SET "growing" = b."growing" + n.grown, "leaving" = b."leaving" + n.gone, "held" = b."held" + n.moved
    FROM (SELECT u.install_id, u.item, u.place, sum(u.grown) AS grown, sum(u.gone) AS gone, sum(u.moved) AS moved
          FROM unnest("installs", "items", "places", "grown", "gone", "moved") AS u(install_id, item, place, grown, gone, moved) GROUP BY 1, 2, 3) AS n
    WHERE b."install_id" = n.install_id AND b."inventory_item_id" = n.item AND b."location_id" = n.place;
END $$;

CREATE FUNCTION "changes_holds_are_counted"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NOT EXISTS (SELECT 1 FROM "after_rows" WHERE "quantity_name" = 'hold') THEN RETURN NULL; END IF;
    PERFORM "count_holds"(array_agg("install_id"), array_agg("inventory_item_id"), array_agg("location_id"),
        array_agg(greatest("delta", 0)), array_agg(greatest(-"delta", 0)), array_agg(0))
      FROM "after_rows" WHERE "quantity_name" = 'hold' AND "state" IN ('waiting', 'claimed', 'parked') HAVING count(*) > 0;
    RETURN NULL;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM "after_rows" WHERE "quantity_name" = 'hold' AND "state" IN ('applied', 'cancelled', 'rejected')) THEN RETURN NULL; END IF;
  PERFORM "count_holds"(array_agg(n."install_id"), array_agg(n."inventory_item_id"), array_agg(n."location_id"),
      array_agg(-greatest(n."delta", 0)), array_agg(-greatest(-n."delta", 0)), array_agg(CASE n."state" WHEN 'applied' THEN n."delta" ELSE 0 END))
    FROM "after_rows" n JOIN "before_rows" o ON o."id" = n."id"
    WHERE n."quantity_name" = 'hold' AND n."state" IN ('applied', 'cancelled', 'rejected') AND o."state" IN ('waiting', 'claimed', 'parked') HAVING count(*) > 0;
  RETURN NULL;
END $$;
CREATE TRIGGER "changes_holds_asked" AFTER INSERT ON "changes" REFERENCING NEW TABLE AS "after_rows"
  FOR EACH STATEMENT EXECUTE FUNCTION "changes_holds_are_counted"();
CREATE TRIGGER "changes_holds_ended" AFTER UPDATE ON "changes" REFERENCING OLD TABLE AS "before_rows" NEW TABLE AS "after_rows"
  FOR EACH STATEMENT EXECUTE FUNCTION "changes_holds_are_counted"();

-- During a deploy an older version resumes open calls beside this one, and knows adjustments only: a move sent as an adjustment would make
-- stock out of nothing. Whoever opens an attempt says what it is going to send.
ALTER TABLE "attempts" ADD COLUMN "operation" TEXT NOT NULL DEFAULT 'adjust';
CREATE FUNCTION "attempts_know_the_operation"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM "mutations" WHERE "id" = NEW."mutation_id" AND "operation" <> NEW."operation") THEN
    RAISE EXCEPTION '%: a call is sent as what it was claimed for', TG_NAME USING ERRCODE = '23514', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "attempts_of_the_operation" BEFORE INSERT ON "attempts" FOR EACH ROW EXECUTE FUNCTION "attempts_know_the_operation"();
CREATE TRIGGER "mutations_operation_frozen" BEFORE UPDATE ON "mutations" FOR EACH ROW
  WHEN (OLD."operation" <> NEW."operation") EXECUTE FUNCTION "refuse_impossible"('key and content of a call are fixed before it is sent');
CREATE TRIGGER "mutation_entries_expectation_frozen" BEFORE UPDATE ON "mutation_entries" FOR EACH ROW
  WHEN (OLD."change_from" IS DISTINCT FROM NEW."change_from") EXECUTE FUNCTION "refuse_impossible"('key and content of a call are fixed before it is sent');

-- A move is no news for a merchant's stock system: the units are on hand before and after it.
CREATE OR REPLACE FUNCTION "queue_external_pushes"("ids" BIGINT[]) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
  queued INTEGER;
  fresh BIGINT[];
BEGIN
  INSERT INTO "external_systems" ("install_id", "shop")
    SELECT DISTINCT c."install_id", c."shop" FROM "changes" c WHERE c."id" = ANY("ids") ORDER BY 1 ON CONFLICT DO NOTHING;
  INSERT INTO "external_lanes" ("install_id", "inventory_item_id")
    SELECT DISTINCT c."install_id", c."inventory_item_id" FROM "changes" c WHERE c."id" = ANY("ids") AND c."state" = 'applied' AND c."cause" <> 'correction' AND c."quantity_name" <> 'hold'
    ORDER BY 1, 2
    ON CONFLICT ("install_id", "inventory_item_id") DO UPDATE SET "last_sequence" = "external_lanes"."last_sequence";
  fresh := ARRAY(SELECT unnest("ids") EXCEPT SELECT p."change_id" FROM "external_pushes" p WHERE p."change_id" = ANY("ids"));
  WITH "numbered" AS (
    SELECT c.*, l."last_sequence" + row_number() OVER (PARTITION BY c."install_id", c."inventory_item_id" ORDER BY c."id") AS "number"
    FROM "changes" c JOIN "external_lanes" l ON l."install_id" = c."install_id" AND l."inventory_item_id" = c."inventory_item_id"
    WHERE c."id" = ANY(fresh) AND c."state" = 'applied' AND c."cause" <> 'correction' AND c."quantity_name" <> 'hold')
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
  IF NOT EXISTS (SELECT 1 FROM "after_rows" WHERE "state" = 'applied' AND "quantity_name" <> 'hold') THEN RETURN NULL; END IF;
  connected := ARRAY(SELECT i."install_id" FROM (SELECT DISTINCT "install_id" FROM "after_rows" WHERE "state" = 'applied') i WHERE (
    SELECT s."document"->'external'->>'enabled' FROM "settings_versions" s WHERE s."install_id" = i."install_id" ORDER BY s."version" DESC LIMIT 1) = 'true');
  IF cardinality(connected) = 0 THEN RETURN NULL; END IF;
  applied := ARRAY(SELECT "id" FROM "after_rows" WHERE "state" = 'applied' AND "cause" <> 'correction' AND "quantity_name" <> 'hold' AND "install_id" = ANY(connected)
    EXCEPT SELECT "id" FROM "before_rows" WHERE "state" = 'applied');
  IF cardinality(applied) > 0 THEN PERFORM "queue_external_pushes"(applied); END IF;
  RETURN NULL;
END $$;
