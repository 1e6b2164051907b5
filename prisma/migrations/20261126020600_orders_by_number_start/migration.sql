-- Orders by the beginning of the number in their name: "#EU-1001" is found by "100".
CREATE INDEX CONCURRENTLY "orders_by_number_start" ON "orders" ("install_id", regexp_replace("name", '^[^0-9]+', '') text_pattern_ops);
