-- The open ones among tens of thousands that a writer on a timer left behind, newest first.
CREATE INDEX CONCURRENTLY "conflicts_by_state" ON "conflicts"("install_id", "state", "id");
