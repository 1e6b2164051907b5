-- One decision under way about a bundle's own number, whoever decides: two turns of a shop may look at the same time.
CREATE UNIQUE INDEX CONCURRENTLY "changes_one_bundle_decision" ON "changes" ("install_id", "inventory_item_id", "location_id") WHERE "quantity_name" = 'bundle' AND "state" IN ('waiting', 'claimed', 'parked');
