-- What of the holds waits for a person: a handful among many finished ones, listed on every visit to the page.
-- Not concurrently: the table is new.
CREATE INDEX "reservations_for_a_person" ON "reservations"("install_id", "created_at", "id") WHERE "settlement" = 'person' OR "refund_required";
-- Not concurrently: the table is new.
CREATE INDEX "reservation_orders_for_a_person" ON "reservation_orders"("install_id") WHERE "state" = 'person';
