-- Orders by the beginning of their name, in whatever letters.
CREATE INDEX CONCURRENTLY "orders_by_name_start" ON "orders" ("install_id", lower("name") text_pattern_ops);
