-- A judgement that is under way keeps from when on it looks apart from what arrives meanwhile: neither is lost, whoever dies.
ALTER TABLE "stock_judgements" ADD COLUMN "taken_from_at" TIMESTAMPTZ(6);
-- Not concurrently: the table holds only what waits to be judged.
CREATE INDEX "stock_judgements_taken" ON "stock_judgements"("taken_until") WHERE "taken_until" IS NOT NULL;
-- Open overwrites of an item are asked for with every look at it.
-- Not concurrently: nothing has written to the table before this version.
CREATE INDEX "conflicts_open_of_stock" ON "conflicts"("install_id", "inventory_item_id") WHERE "state" = 'open';
