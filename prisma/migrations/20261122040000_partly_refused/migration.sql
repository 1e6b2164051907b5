-- Whether Shopify refuses a batch as a whole because of one bad entry is not documented. Where it applies the rest, the entry that it left
-- out says so: it is not part of what the call did.
ALTER TABLE "mutation_entries" ADD COLUMN "refused" TEXT;
