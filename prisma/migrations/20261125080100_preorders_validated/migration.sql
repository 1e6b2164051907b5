-- Apart from the migration that adds it, because that one's lock would last as long as this scan.
ALTER TABLE "order_items" VALIDATE CONSTRAINT "order_items_preorder";
