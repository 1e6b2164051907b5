-- What a scan's file named, a row a piece: at its end, what is known and was not named there is looked at too. And a mismatch may be that
-- Shopify does not stock an item at a place any more: then there is no number.
-- An older version of the app goes on, with a null where a number was.

CREATE TABLE "stock_scan_pieces" (
    "scan_id" BIGINT NOT NULL,
    "install_id" BIGINT NOT NULL,
    "operation" INTEGER NOT NULL,
    "line_count" BIGINT NOT NULL,
    "items" TEXT[] NOT NULL,
    "locations" TEXT[] NOT NULL,
    PRIMARY KEY ("scan_id", "operation", "line_count"),
    CONSTRAINT "stock_scan_pieces_pairs" CHECK (cardinality("items") = cardinality("locations"))
);
CREATE INDEX "stock_scan_pieces_of_install" ON "stock_scan_pieces"("install_id");

ALTER TABLE "drifts" ALTER COLUMN "shopify" DROP NOT NULL;
ALTER TABLE "drifts" DROP CONSTRAINT "drifts_explanation";
-- Validated at once: mismatches are few, a row for each that a person might look at.
ALTER TABLE "drifts" ADD CONSTRAINT "drifts_explanation" CHECK ("explanation" IN ('missed_notification', 'another_writer', 'owed', 'doubled', 'not_stocked', 'unknown'));
-- Validated at once: mismatches are few, a row for each that a person might look at.
ALTER TABLE "drifts" ADD CONSTRAINT "drifts_shopify" CHECK (("shopify" IS NULL) = ("explanation" = 'not_stocked'));
