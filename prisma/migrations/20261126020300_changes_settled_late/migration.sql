-- A list of days walks changes by id, which follows the time they were decided; the few that were settled long after that are found here.
CREATE INDEX CONCURRENTLY "changes_settled_late" ON "changes" ("install_id", "finished_at") WHERE "finished_at" - "created_at" > interval '1 hour';
