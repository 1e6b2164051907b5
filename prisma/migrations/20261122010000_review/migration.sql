-- What a person may do about what stopped, as far as the database can hold it (docs/decisions/017). Only adds.

-- A notification that a person had worked on once more: it is old by its age, but does not lag.
ALTER TABLE "deliveries" ADD COLUMN "replayed_at" TIMESTAMPTZ(3);

-- An unknown outcome ends with its call, all of its changes alike: an answer or a person says that it was applied, or a person that it was
-- not. Without that no change leaves it, neither back to waiting (it could take effect twice) nor into another kind of parked.
CREATE FUNCTION "changes_outcome_is_settled"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM "mutations" WHERE "id" = OLD."mutation_id"
      AND "state" = CASE NEW."state" WHEN 'applied' THEN 'applied' WHEN 'waiting' THEN 'refused' END) THEN
    RAISE EXCEPTION '%: the outcome of its call is not settled', TG_NAME USING ERRCODE = '23514', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "changes_unknown_outcome_settled" BEFORE UPDATE ON "changes" FOR EACH ROW
  WHEN (OLD."outcome_unknown" AND (NEW."state" <> 'parked' OR NOT NEW."outcome_unknown"))
  EXECUTE FUNCTION "changes_outcome_is_settled"();

-- A parked call is nobody's to decide but a person's; only Shopify's own answer needs none.
CREATE FUNCTION "mutations_parked_is_resolved"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%: a parked call is settled by its answer or by a person', TG_NAME USING ERRCODE = '23514', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER "mutations_parked_resolved" BEFORE UPDATE ON "mutations" FOR EACH ROW
  WHEN (OLD."state" = 'parked' AND NEW."state" <> 'parked'
    AND NOT (NEW."state" = 'applied' AND (NEW."adjustment_group_id" IS NOT NULL OR NEW."reason" IS NOT DISTINCT FROM 'resolved_applied'))
    AND NOT (NEW."state" = 'refused' AND NEW."reason" IS NOT DISTINCT FROM 'resolved_not_applied'))
  EXECUTE FUNCTION "mutations_parked_is_resolved"();

-- Who ends a change for good says why. NOT VALID: there are no such rows yet, and a look at the whole history would hold up the deploy.
ALTER TABLE "audit_entries" ADD CONSTRAINT "audit_entries_act_has_note"
  CHECK ("kind" NOT IN ('change_discarded', 'change_resolved_applied', 'change_resolved_not_applied')
    OR ("change_id" IS NOT NULL AND coalesce(length("detail"->>'note'), 0) > 0)) NOT VALID;
