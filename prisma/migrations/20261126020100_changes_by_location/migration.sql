-- Stock history of one location, also of one that hardly sells.
CREATE INDEX CONCURRENTLY "changes_by_location" ON "changes" ("install_id", "location_id", "id") WHERE "location_id" IS NOT NULL;
