-- An order that names a reservation, until the settlement of holds has looked at the tie. Null for nearly every order.
ALTER TABLE "orders" ADD COLUMN "tie_at" TIMESTAMPTZ(6);
