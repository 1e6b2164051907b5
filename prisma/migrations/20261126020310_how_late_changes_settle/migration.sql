-- Without it PostgreSQL takes a third of all changes to be settled late, and does not use the small index of those that are.
CREATE STATISTICS "changes_lateness" ON ("finished_at" - "created_at") FROM "changes";
