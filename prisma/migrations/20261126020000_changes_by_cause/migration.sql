-- Stock history by cause: nearly every change is an order's, so that the rare causes alone make a small index.
CREATE INDEX CONCURRENTLY "changes_by_cause" ON "changes" ("install_id", "cause", "id") WHERE "cause" <> 'order';
