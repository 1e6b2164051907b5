-- Items by the beginning of their SKU.
CREATE INDEX CONCURRENTLY "variants_by_sku_start" ON "variants" ("install_id", lower("sku") text_pattern_ops);
