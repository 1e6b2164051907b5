-- Open order lines of what may be sold beyond stock: few among many, and only the list of what is shown apart asks for them.
CREATE INDEX CONCURRENTLY "order_items_apart" ON "order_items" ("install_id", "inventory_item_id") WHERE "units_open" > 0 AND ("exempt" IN ('gift_card', 'untracked', 'continue', 'preorder') OR "preorder" IN ('on_sale', 'on_fulfilment'));
