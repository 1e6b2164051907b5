-- Bundles' own numbers wait beside thousands of orders' changes: whoever looks for them must not go through all of those.
CREATE INDEX CONCURRENTLY "changes_waiting_bundles" ON "changes" ("install_id", "id") WHERE "state" = 'waiting' AND "quantity_name" = 'bundle';
