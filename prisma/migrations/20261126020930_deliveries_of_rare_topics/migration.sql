-- Notifications by what they are about: those that come all the time are found by walking back, the others here. The list is in the read model, too.
CREATE INDEX CONCURRENTLY "deliveries_of_rare_topics" ON "deliveries" ("install_id", "topic", "id")
  WHERE "topic" NOT IN ('orders/create', 'orders/paid', 'orders/updated', 'inventory_levels/update', 'inventory_items/update', 'fulfillment_orders/order_routing_complete');
