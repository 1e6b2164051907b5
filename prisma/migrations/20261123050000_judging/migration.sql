-- A judgement that is under way keeps from when on it looks apart from what arrives meanwhile: neither is lost, whoever dies.
-- Additive; the table holds only what is waiting, so its indexes are small.
ALTER TABLE "stock_judgements" ADD COLUMN "taken_from_at" TIMESTAMPTZ(6);
CREATE INDEX "stock_judgements_taken" ON "stock_judgements"("taken_until") WHERE "taken_until" IS NOT NULL;
-- The newest number of another writer is asked for with every look at a stock.
CREATE INDEX "conflicts_open_of_stock" ON "conflicts"("install_id", "inventory_item_id") WHERE "state" = 'open';
