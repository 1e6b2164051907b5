-- Notifications that could not be read: few, or none.
CREATE INDEX CONCURRENTLY "deliveries_rejected" ON "deliveries" ("install_id", "id") WHERE "state" = 'rejected';
