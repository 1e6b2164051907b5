-- Notifications that came more than a minute after what they tell of: few, when all is well.
CREATE INDEX CONCURRENTLY "deliveries_late" ON "deliveries" ("install_id", "id") WHERE "received_at" - "triggered_at" > interval '1 minute';
