-- Numbers that moved with every look until a comparison let go of them: they were not checked, and the page says so.
ALTER TABLE "stock_scans" ADD COLUMN "unsettled_count" INTEGER NOT NULL DEFAULT 0;
