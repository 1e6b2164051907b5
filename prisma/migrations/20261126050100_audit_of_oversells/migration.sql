-- What people did about one oversell, among a million entries: an index as small as what names an oversell.
CREATE INDEX CONCURRENTLY "audit_entries_of_oversell" ON "audit_entries" ("install_id", (("detail" ->> 'oversellId')), "id") WHERE ("detail" ->> 'oversellId') IS NOT NULL;
