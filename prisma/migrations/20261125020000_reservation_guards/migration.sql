-- What a reservation may never become, whatever the code does; and room for blocks that are written at every grant.

CREATE TRIGGER "reservations_transition" BEFORE UPDATE ON "reservations" FOR EACH ROW
  WHEN (OLD."state" <> NEW."state" AND NOT CASE OLD."state"
    WHEN 'active' THEN NEW."state" IN ('committed', 'released', 'expired')
    WHEN 'expired' THEN NEW."state" = 'committed'
    ELSE false END)
  EXECUTE FUNCTION "refuse_impossible"('a reservation does not go this way');
-- A refund that was demanded may be under way: nothing is held for that payment any more.
CREATE TRIGGER "reservations_refund_final" BEFORE UPDATE ON "reservations" FOR EACH ROW
  WHEN (OLD."refund_required" AND (NOT NEW."refund_required" OR NEW."state" = 'committed'))
  EXECUTE FUNCTION "refuse_impossible"('a refund that was demanded is not taken back');
CREATE TRIGGER "reservations_content_frozen" BEFORE UPDATE ON "reservations" FOR EACH ROW
  WHEN (OLD."id" <> NEW."id" OR OLD."install_id" <> NEW."install_id" OR OLD."shop" <> NEW."shop" OR OLD."idempotency_key" <> NEW."idempotency_key"
    OR OLD."body_hash" <> NEW."body_hash" OR OLD."reference" IS DISTINCT FROM NEW."reference" OR OLD."token_id" IS DISTINCT FROM NEW."token_id"
    OR (OLD."order_id" IS NOT NULL AND OLD."order_id" IS DISTINCT FROM NEW."order_id"))
  EXECUTE FUNCTION "refuse_impossible"('what is held, for whom and for which order does not change');
-- The units that a block counts are these: changed lines would leave it counting for ever.
CREATE TRIGGER "reservation_lines_frozen" BEFORE UPDATE ON "reservation_lines" FOR EACH ROW
  EXECUTE FUNCTION "refuse_impossible"('what is held does not change');

-- Units that a token holds are summed when its limit is asked for.
-- Not concurrently: the table is new.
CREATE INDEX "reservations_active_token" ON "reservations"("install_id", "token_id") WHERE "state" = 'active' AND "token_id" IS NOT NULL;

-- A hot block is written thousands of times a minute; with room on its page the new version needs no entry in any index.
ALTER TABLE "stock_blocks" SET (fillfactor = 50);
ALTER TABLE "reservation_hours" SET (fillfactor = 50);
