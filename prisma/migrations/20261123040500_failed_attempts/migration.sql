-- How often calls to Shopify failed lately is asked for every half minute; the table is large, the failures in it are few.
CREATE INDEX CONCURRENTLY "attempts_failed" ON "attempts"("install_id", "finished_at") WHERE "outcome" IN ('rejected', 'refused', 'unknown', 'not_sent', 'key_mismatch', 'previous_attempt_failed');
