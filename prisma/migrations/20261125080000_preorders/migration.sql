-- What is known of the plans by which things are sold: of a variant whether any plan sells it, of a line whether a preorder's plan did. NULL: never asked.
ALTER TABLE "variants" ADD COLUMN "sold_by_plan" BOOLEAN;
ALTER TABLE "variants" ADD COLUMN "plans_read_at" TIMESTAMPTZ(3);

-- `on_sale` and `on_fulfilment` say when such a preorder takes its units from stock.
ALTER TABLE "order_items" ADD COLUMN "preorder" TEXT;
ALTER TABLE "order_items" ADD CONSTRAINT "order_items_preorder" CHECK ("preorder" IN ('no', 'on_sale', 'on_fulfilment')) NOT VALID;
