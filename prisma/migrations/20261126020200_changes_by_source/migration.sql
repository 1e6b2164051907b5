-- Stock history of one order source, also of one that hardly sells.
CREATE INDEX CONCURRENTLY "changes_by_source" ON "changes" ("install_id", "source_key", "id") WHERE "source_key" IS NOT NULL;
