-- In a file of its own: an index is built beside the work only outside of a transaction.
CREATE INDEX CONCURRENTLY "orders_to_tie" ON "orders"("tie_at") WHERE "tie_at" IS NOT NULL;
