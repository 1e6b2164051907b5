-- Items by the beginning of their title.
CREATE INDEX CONCURRENTLY "variants_by_title_start" ON "variants" ("install_id", lower("title") text_pattern_ops);
