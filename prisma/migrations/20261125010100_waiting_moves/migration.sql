-- The sweep asks every shop, those that only watch included, whether units wait to be given back: an index as small as what waits.
CREATE INDEX CONCURRENTLY "changes_waiting_moves" ON "changes" ("install_id", "id") WHERE "state" = 'waiting' AND "quantity_name" = 'hold';
