-- Stock history by who acted: nearly every entry is Holdfast's own, so that those of people and programs alone make a small index.
CREATE INDEX CONCURRENTLY "audit_entries_of_people" ON "audit_entries" ("install_id", "actor", "change_id") WHERE "change_id" IS NOT NULL AND "actor" <> 'holdfast';
