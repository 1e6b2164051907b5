-- What happened in a shop by the quarter of an hour, for Home: counted once when the quarter is over, because counting a rush's rows with every
-- look costs more than a page may take. Both tables can be emptied at any time; they are counted again from the rows they sum up.
CREATE TABLE "activity_quarters" (
    "install_id" BIGINT NOT NULL,
    "quarter" TIMESTAMPTZ(0) NOT NULL,
    "order_notifications" INTEGER NOT NULL DEFAULT 0,
    "stock_notifications" INTEGER NOT NULL DEFAULT 0,
    "duplicates" INTEGER NOT NULL DEFAULT 0,
    "order_duplicates" INTEGER NOT NULL DEFAULT 0,
    "applied" INTEGER NOT NULL DEFAULT 0,
    "shown" INTEGER NOT NULL DEFAULT 0,
    "lost_answers" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "activity_quarters_pkey" PRIMARY KEY ("install_id","quarter")
);

-- Up to when an install's quarters were counted.
CREATE TABLE "activity_rolls" (
    "install_id" BIGINT NOT NULL,
    "until" TIMESTAMPTZ(0) NOT NULL,

    CONSTRAINT "activity_rolls_pkey" PRIMARY KEY ("install_id")
);
