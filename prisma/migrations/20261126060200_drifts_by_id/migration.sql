-- All mismatches of a shop, newest first, whatever became of them.
CREATE INDEX CONCURRENTLY "drifts_by_id" ON "drifts"("install_id", "id");
