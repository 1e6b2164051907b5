-- Sales of tills that were handed over at once and told of later: they are why others are short, and are looked for with every look at an item.
-- Not concurrently: nothing has written to the table before this version.
CREATE INDEX "order_items_sold_at_tills" ON "order_items"("install_id", "inventory_item_id", "committed_at") WHERE "exempt" = 'pos' AND "units_open" = 0;
