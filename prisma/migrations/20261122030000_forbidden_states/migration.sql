-- What may never be, whatever the code does: transitions outside the legal list (app/pipeline/README.md), rewritten facts, tokens that
-- do not grow, history that is edited. Each trigger's WHEN clause decides without calling a function; the function only says no, with
-- the trigger's name as the constraint and SQLSTATE 23514, so that a refused row counts as content at fault and is set aside.

CREATE FUNCTION "refuse_impossible"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%: %', TG_NAME, TG_ARGV[0] USING ERRCODE = '23514', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;

-- Changes -------------------------------------------------------------------------------------------------------------------------
CREATE TRIGGER "changes_transition" BEFORE UPDATE ON "changes" FOR EACH ROW
  WHEN (OLD."state" <> NEW."state" AND NOT CASE OLD."state"
    WHEN 'waiting' THEN NEW."state" IN ('claimed', 'applied', 'parked', 'cancelled')
    WHEN 'claimed' THEN NEW."state" IN ('applied', 'waiting', 'parked')
    WHEN 'parked' THEN NEW."state" IN ('applied', 'waiting', 'rejected', 'cancelled')
    WHEN 'shadow' THEN NEW."state" = 'cancelled'
    ELSE false END)
  EXECUTE FUNCTION "refuse_impossible"('a change does not go this way');
CREATE TRIGGER "changes_content_frozen" BEFORE UPDATE ON "changes" FOR EACH ROW
  WHEN (OLD."delta" <> NEW."delta" OR OLD."effect_key" <> NEW."effect_key" OR OLD."install_id" <> NEW."install_id" OR OLD."shop" <> NEW."shop"
    OR OLD."quantity_name" <> NEW."quantity_name" OR OLD."inventory_item_id" IS DISTINCT FROM NEW."inventory_item_id"
    OR OLD."location_id" IS DISTINCT FROM NEW."location_id" OR OLD."order_id" IS DISTINCT FROM NEW."order_id" OR OLD."line_id" IS DISTINCT FROM NEW."line_id")
  EXECUTE FUNCTION "refuse_impossible"('what a change does is fixed when it is derived');
-- The call that carries a change is named when it is claimed and let go only when it waits again.
CREATE TRIGGER "changes_mutation_kept" BEFORE UPDATE ON "changes" FOR EACH ROW
  WHEN (OLD."mutation_id" IS DISTINCT FROM NEW."mutation_id" AND NOT (OLD."state" = 'waiting' AND NEW."state" = 'claimed') AND NEW."state" <> 'waiting')
  EXECUTE FUNCTION "refuse_impossible"('a change keeps the call that carried it');
CREATE TRIGGER "changes_applied_final" BEFORE UPDATE ON "changes" FOR EACH ROW
  WHEN (OLD."state" = 'applied' AND (OLD."before" IS DISTINCT FROM NEW."before" OR OLD."after" IS DISTINCT FROM NEW."after"
    OR OLD."finished_at" IS DISTINCT FROM NEW."finished_at"))
  EXECUTE FUNCTION "refuse_impossible"('what an applied change did is not rewritten');

-- Mutations, their entries and attempts -------------------------------------------------------------------------------------------
CREATE TRIGGER "mutations_transition" BEFORE UPDATE ON "mutations" FOR EACH ROW
  WHEN (OLD."state" <> NEW."state" AND NOT CASE OLD."state"
    WHEN 'open' THEN NEW."state" IN ('applied', 'refused', 'parked')
    WHEN 'parked' THEN NEW."state" IN ('applied', 'refused')
    ELSE false END)
  EXECUTE FUNCTION "refuse_impossible"('a mutation does not go this way');
CREATE TRIGGER "mutations_content_frozen" BEFORE UPDATE ON "mutations" FOR EACH ROW
  WHEN (OLD."key" <> NEW."key" OR OLD."install_id" <> NEW."install_id" OR OLD."shop" <> NEW."shop" OR OLD."id" <> NEW."id"
    OR (OLD."adjustment_group_id" IS NOT NULL AND OLD."adjustment_group_id" IS DISTINCT FROM NEW."adjustment_group_id"))
  EXECUTE FUNCTION "refuse_impossible"('key and content of a call are fixed before it is sent');

CREATE TRIGGER "mutation_entries_content_frozen" BEFORE UPDATE ON "mutation_entries" FOR EACH ROW
  WHEN (OLD."delta" <> NEW."delta" OR OLD."inventory_item_id" <> NEW."inventory_item_id" OR OLD."location_id" <> NEW."location_id"
    OR OLD."position" <> NEW."position" OR OLD."mutation_id" <> NEW."mutation_id" OR OLD."install_id" <> NEW."install_id"
    OR (OLD."after" IS NOT NULL AND OLD."after" IS DISTINCT FROM NEW."after") OR (OLD."before" IS NOT NULL AND OLD."before" IS DISTINCT FROM NEW."before"))
  EXECUTE FUNCTION "refuse_impossible"('key and content of a call are fixed before it is sent');
CREATE TRIGGER "mutation_entries_closed" BEFORE UPDATE ON "mutation_entries" FOR EACH ROW
  WHEN (NEW."open" AND NOT OLD."open")
  EXECUTE FUNCTION "refuse_impossible"('a call that is closed is not opened again');
CREATE TRIGGER "mutation_entries_token_grows" BEFORE UPDATE ON "mutation_entries" FOR EACH ROW
  WHEN (NEW."token" < OLD."token")
  EXECUTE FUNCTION "refuse_impossible"('a token only grows');

-- `parked` means that nobody knows: when a call is closed, none of its changes may still count as under way.
CREATE FUNCTION "mutations_close_whole"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM "changes" WHERE "mutation_id" = NEW."id" AND "state" = 'claimed')
    OR EXISTS (SELECT 1 FROM "mutation_entries" WHERE "mutation_id" = NEW."id" AND "open") THEN
    RAISE EXCEPTION '%: a closed call leaves nothing claimed and no entry open', TG_NAME USING ERRCODE = '23514', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER "mutations_closed_whole" AFTER UPDATE ON "mutations" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD."state" = 'open' AND NEW."state" <> 'open') EXECUTE FUNCTION "mutations_close_whole"();

CREATE TRIGGER "attempts_fact" BEFORE UPDATE ON "attempts" FOR EACH ROW
  WHEN (OLD."finished_at" IS NOT NULL AND (OLD."outcome" IS DISTINCT FROM NEW."outcome" OR OLD."detail" IS DISTINCT FROM NEW."detail"
    OR OLD."finished_at" IS DISTINCT FROM NEW."finished_at"))
  EXECUTE FUNCTION "refuse_impossible"('what came back of an attempt is a fact and is not rewritten');
-- NOT VALID: rows that exist already are not read under the table's lock; every new write is checked.
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_finished" CHECK (("finished_at" IS NULL) = ("outcome" IS NULL)) NOT VALID;

-- Fencing tokens ------------------------------------------------------------------------------------------------------------------
CREATE TRIGGER "fencing_tokens_grow" BEFORE UPDATE ON "fencing_tokens" FOR EACH ROW
  WHEN (NEW."token" <= OLD."token" OR OLD."install_id" <> NEW."install_id" OR OLD."inventory_item_id" <> NEW."inventory_item_id" OR OLD."location_id" <> NEW."location_id")
  EXECUTE FUNCTION "refuse_impossible"('a token only grows');
ALTER TABLE "fencing_tokens" ADD CONSTRAINT "fencing_tokens_positive" CHECK ("token" > 0) NOT VALID;

-- Rows that a living install cannot do without leave only after it has ended (redaction): a token that began at 1 again would let an old
-- holder decide, an install without settings stops.
CREATE FUNCTION "refuse_while_active"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM "installs" WHERE "id" = OLD."install_id" AND "state" = 'active') THEN
    RAISE EXCEPTION '%: kept as long as the install is active', TG_NAME USING ERRCODE = '23514', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER "fencing_tokens_kept" BEFORE DELETE ON "fencing_tokens" FOR EACH ROW EXECUTE FUNCTION "refuse_while_active"();
CREATE TRIGGER "settings_versions_kept" BEFORE DELETE ON "settings_versions" FOR EACH ROW EXECUTE FUNCTION "refuse_while_active"();

-- Orders --------------------------------------------------------------------------------------------------------------------------
CREATE TRIGGER "orders_transition" BEFORE UPDATE ON "orders" FOR EACH ROW
  WHEN (OLD."state" <> NEW."state" AND NOT CASE OLD."state"
    WHEN 'due' THEN NEW."state" IN ('settled', 'blocked')
    WHEN 'blocked' THEN NEW."state" = 'due'
    WHEN 'settled' THEN NEW."state" = 'due'
    ELSE false END)
  EXECUTE FUNCTION "refuse_impossible"('an order does not go this way');
CREATE TRIGGER "orders_pinned" BEFORE UPDATE ON "orders" FOR EACH ROW
  WHEN (OLD."order_id" <> NEW."order_id" OR OLD."install_id" <> NEW."install_id" OR OLD."shop" <> NEW."shop"
    OR (OLD."mode" IS NOT NULL AND OLD."mode" IS DISTINCT FROM NEW."mode"))
  EXECUTE FUNCTION "refuse_impossible"('the mode of an order is pinned at its first derivation');

-- Installs, settings, deliveries --------------------------------------------------------------------------------------------------
CREATE TRIGGER "installs_transition" BEFORE UPDATE ON "installs" FOR EACH ROW
  WHEN ((OLD."state" <> NEW."state" AND NOT (OLD."state" = 'active' AND NEW."state" = 'ended'))
    OR OLD."epoch" <> NEW."epoch" OR OLD."shop" <> NEW."shop" OR OLD."id" <> NEW."id"
    OR (OLD."ended_at" IS NOT NULL AND OLD."ended_at" IS DISTINCT FROM NEW."ended_at"))
  EXECUTE FUNCTION "refuse_impossible"('a life of the app ends once and does not come back');
CREATE TRIGGER "installs_kept" BEFORE DELETE ON "installs" FOR EACH ROW
  WHEN (OLD."state" = 'active') EXECUTE FUNCTION "refuse_impossible"('an active install is not deleted');

CREATE TRIGGER "settings_versions_append_only" BEFORE UPDATE ON "settings_versions"
  FOR EACH ROW EXECUTE FUNCTION "refuse_impossible"('a version of the settings is not rewritten');

CREATE TRIGGER "deliveries_transition" BEFORE UPDATE ON "deliveries" FOR EACH ROW
  WHEN (OLD."state" <> NEW."state" AND NOT CASE OLD."state"
    WHEN 'pending' THEN NEW."state" IN ('processed', 'ignored', 'rejected')
    WHEN 'processed' THEN NEW."state" = 'pending'
    WHEN 'ignored' THEN NEW."state" = 'pending'
    WHEN 'rejected' THEN NEW."state" = 'pending'
    ELSE false END)
  EXECUTE FUNCTION "refuse_impossible"('a delivery does not go this way');
CREATE TRIGGER "deliveries_content_frozen" BEFORE UPDATE ON "deliveries" FOR EACH ROW
  WHEN (OLD."webhook_id" <> NEW."webhook_id" OR OLD."shop" <> NEW."shop" OR OLD."install_id" <> NEW."install_id" OR OLD."topic" <> NEW."topic"
    OR (NEW."payload" IS NOT NULL AND OLD."payload" IS DISTINCT FROM NEW."payload"))
  EXECUTE FUNCTION "refuse_impossible"('what was received is not rewritten');
CREATE TRIGGER "delivery_duplicates_append_only" BEFORE UPDATE ON "delivery_duplicates"
  FOR EACH ROW EXECUTE FUNCTION "refuse_impossible"('what was received is not rewritten');

CREATE TRIGGER "compliance_requests_final" BEFORE UPDATE ON "compliance_requests" FOR EACH ROW
  WHEN (OLD."completed_at" IS NOT NULL) EXECUTE FUNCTION "refuse_impossible"('a completed privacy request stays completed');
