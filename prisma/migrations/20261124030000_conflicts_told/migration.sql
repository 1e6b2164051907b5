-- An overwrite is told of once it has stood for a while: a late notification explains many. Those that are known have been told of.
ALTER TABLE "conflicts" ADD COLUMN "told_at" TIMESTAMPTZ(3);
UPDATE "conflicts" SET "told_at" = "found_at";
-- Not concurrently: nothing has written to the table before this version.
CREATE INDEX "conflicts_to_tell" ON "conflicts"("found_at") WHERE "told_at" IS NULL AND "state" = 'open';
