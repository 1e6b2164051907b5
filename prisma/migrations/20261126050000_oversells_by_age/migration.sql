-- The list of all oversells, whatever their state, newest first: the index by state sorts them only within one.
CREATE INDEX CONCURRENTLY "oversells_by_age" ON "oversells" ("install_id", "id");
